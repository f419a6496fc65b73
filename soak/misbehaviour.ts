import { connect } from 'node:net';
import { faults } from '../test/behaviour/faults.ts';
import { upgradeRequest } from '../test/behaviour/raw-peer.ts';

const BAD_FRAMES = faults(true).filter(({ deflate }) => !deflate);
const HELD_MS = 200;

/** The kinds of bad peer, in turn. */
export const MISBEHAVIOURS = ['bad frame', 'bad head', 'reset', 'silence', 'flood unread'] as const;

/** Connects, misbehaves in the way of `number`, and resolves once the connection is gone. */
export function misbehave(port: number, host: string, number: number): Promise<void> {
  const how = MISBEHAVIOURS[number % MISBEHAVIOURS.length]!;
  const socket = connect({ port, host });
  socket.on('error', () => {});
  if (how === 'bad head') {
    socket.write(`GET / HTTP/1.1\r\n\0${number}\r\n\r\n`);
  } else {
    socket.write(upgradeRequest());
    if (how === 'bad frame') socket.write(BAD_FRAMES[number % BAD_FRAMES.length]!.bytes);
    if (how === 'flood unread') for (let i = 0; i < 50; i++) socket.write(PINGS);
  }
  if (how === 'reset') socket.on('connect', () => socket.resetAndDestroy());
  // A peer that reads nothing: the server's answers pile up on its side.
  if (how !== 'flood unread') socket.resume();
  const timer = setTimeout(() => socket.destroy(), HELD_MS);
  return new Promise((resolve) =>
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    }),
  );
}

const PINGS = Buffer.concat(Array.from({ length: 500 }, () => Buffer.from([0x89, 0x80, 0, 0, 0, 0])));
