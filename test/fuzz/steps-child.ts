import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { closePayload, frame } from '../behaviour/raw-frames.ts';
import { RawPeer, upgradeRequest, upgradeResponse } from '../behaviour/raw-peer.ts';
import { Witness } from './witness.ts';

/** What this program prints as JSON; its process has to end by itself. */
export interface StepsReport extends Run {
  /** Invariants that did not hold. */
  readonly broken: readonly string[];
}

interface Run {
  /** One for each byte of the peer's side of a session, and its end. */
  readonly sessions: number;
  /** The steps that were broken off, by name. */
  readonly steps: readonly string[];
}

/** A part of what the peer sends. */
interface Step {
  readonly name: string;
  readonly bytes: Buffer;
  /** The message that is whole with it. */
  readonly message?: string;
}

const [role, closer] = process.argv.slice(2) as ['client' | 'server', 'peer' | 'ours'];
const FAULTS = ['reset', 'destroy', 'half-close'] as const;
type Fault = (typeof FAULTS)[number];

/** Longer than the test that runs this waits for its end: no timer may be left. */
const FOREVER_MS = 600_000;
const AT_ONCE = 25;
const CLOSE_CODE = 4000;
const CLOSE_NOW = 'close now';

const masked = role === 'server';
const long = 'x'.repeat(130);
const broken: string[] = [];

/** The frames of the peer, header and payload apart. */
const frames: readonly Step[] = [
  ...cut('text', frame(0x81, 'hello', masked), 'hello'),
  ...cut('first fragment', frame(0x01, 'one, ', masked)),
  ...cut('ping between fragments', frame(0x89, 'between', masked)),
  ...cut('last fragment', frame(0x80, 'two', masked), 'one, two'),
  ...cut('empty message', frame(0x81, '', masked), ''),
  ...cut('longer text', frame(0x81, long, masked), long),
  ...(closer === 'ours' ? cut('last text', frame(0x81, CLOSE_NOW, masked), CLOSE_NOW) : []),
  ...cut('Close frame', frame(0x88, closePayload(CLOSE_CODE, 'bye'), masked)),
];
const messages = frames.flatMap(({ message }) => (message === undefined ? [] : [message]));

function cut(name: string, whole: Buffer, message?: string): Step[] {
  const payloadAt = (whole[1]! & 0x7f) < 126 ? 2 : 4;
  const header = { name: `header of ${name}`, bytes: whole.subarray(0, payloadAt) };
  const payload = { name: `payload of ${name}`, bytes: whole.subarray(payloadAt) };
  if (payload.bytes.length === 0) return [{ ...header, ...(message !== undefined && { message }) }];
  return [header, { ...payload, ...(message !== undefined && { message }) }];
}

/** The step that is broken off after `offset` bytes of `script`, and what was whole before. */
function breakOff(script: readonly Step[], offset: number) {
  const told: string[] = [];
  let end = 0;
  for (const step of script) {
    const start = end;
    end += step.bytes.length;
    if (offset < end)
      return { name: `${offset === start ? 'before' : 'in'} ${step.name}`, told, whole: false };
    if (step.message !== undefined) told.push(step.message);
  }
  return { name: 'after everything', told, whole: true };
}

/** Writes the first `offset` bytes of `script`, and then the fault. */
function act(fault: Fault, socket: Socket, script: readonly Step[], offset: number): void {
  const bytes = Buffer.concat(script.map((step) => step.bytes)).subarray(0, offset);
  if (bytes.length > 0) socket.write(bytes);
  if (fault === 'reset') socket.resetAndDestroy();
  else if (fault === 'destroy') socket.destroySoon();
  else socket.end();
}

/** Holds what an end of ours told against what it has to tell of a session that was broken off. */
function judge(fault: Fault, witness: Witness, offset: number, script: readonly Step[]): void {
  const { name, told, whole } = breakOff(script, offset);
  const label = `${fault} after ${offset}, ${name}`;
  witness.check();
  const { received, closeCode } = witness;
  // A reset may take along what was not read.
  if (fault !== 'reset' && received.length !== told.length)
    broken.push(`${label}: ${received.length} messages of ${told.length}`);
  if (received.length > told.length) broken.push(`${label}: too many messages`);
  const code = whole ? CLOSE_CODE : 1006;
  if (closeCode !== code && !(fault === 'reset' && closeCode === 1006))
    broken.push(`${label}: closed with ${closeCode}`);
}

/** Has an end of ours begin the closing handshake where the script has the answer to it. */
function closeWhenTold(ws: WebSocket): void {
  ws.on('message', (data) => {
    if (closer === 'ours' && String(data) === CLOSE_NOW) ws.close(CLOSE_CODE, 'bye');
  });
}

async function breakServer(fault: Fault): Promise<Run> {
  const options = { handshakeTimeout: FOREVER_MS, closeTimeout: FOREVER_MS };
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  await once(wss, 'listening');
  const { port } = wss.address() as AddressInfo;
  const accepted = new Map<string, Witness>();
  wss.on('connection', (ws, request) => {
    accepted.set(request.url!, new Witness(`server ${request.url}`, ws, messages, broken));
    closeWhenTold(ws);
  });
  const scriptOf = (number: number): Step[] => [
    { name: 'request', bytes: Buffer.from(upgradeRequest({}, `GET /${number} HTTP/1.1`)) },
    ...frames,
  ];
  const report = await forEachByte(scriptOf, async (script, offset) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).resume();
    const { closed } = new RawPeer(socket);
    await once(socket, 'connect');
    act(fault, socket, script, offset);
    await closed;
  });
  // Comes behind all of them in the queue of what is to be accepted.
  const last = new WebSocket(`ws://127.0.0.1:${port}/last`);
  await once(last, 'open');
  last.terminate();
  while (wss.clients.size > 0) await new Promise((resolve) => setImmediate(resolve));
  // Calls back when all sockets are gone.
  await new Promise((resolve) => wss.close(resolve));
  for (let number = 0; number < report.sessions; number++) {
    const script = scriptOf(number);
    const witness = accepted.get(`/${number}`);
    if (witness !== undefined) judge(fault, witness, number, script);
    if ((witness === undefined) !== number < script[0]!.bytes.length)
      broken.push(`${fault} after ${number}: ${witness ? 'a' : 'no'} connection`);
  }
  return report;
}

async function breakClient(fault: Fault): Promise<Run> {
  const scriptFor = (head: string): Step[] => [
    { name: 'response', bytes: Buffer.from(upgradeResponse(head)) },
    ...frames,
  ];
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.on('connection', async (socket) => {
    const head = await new RawPeer(socket).takeHead();
    act(fault, socket, scriptFor(head), Number(/^GET \/(\d+)/.exec(head)![1]));
  });
  const sample = scriptFor('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n');
  const report = await forEachByte(
    () => sample,
    async (script, offset) => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/${offset}`, { closeTimeout: FOREVER_MS });
      const witness = new Witness(`client ${offset}`, ws, messages, broken);
      closeWhenTold(ws);
      await new Promise((resolve) => ws.on('close', resolve));
      judge(fault, witness, offset, script);
    },
  );
  await new Promise((resolve) => server.close(resolve));
  return report;
}

/** Runs a session for each number of bytes that the script may be broken off after. */
async function forEachByte(
  scriptOf: (number: number) => Step[],
  session: (script: Step[], offset: number) => Promise<void>,
): Promise<Run> {
  const length = (number: number) => scriptOf(number).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const steps = new Set<string>();
  let offset = 0;
  const work = async (): Promise<void> => {
    while (offset <= length(offset)) {
      const mine = offset++;
      const script = scriptOf(mine);
      steps.add(breakOff(script, mine).name);
      await session(script, mine);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { sessions: offset, steps: [...steps] };
}

async function main(): Promise<void> {
  const runs: Run[] = [];
  for (const fault of FAULTS) runs.push(await (role === 'server' ? breakServer(fault) : breakClient(fault)));
  const report: StepsReport = {
    sessions: runs.reduce((sum, { sessions }) => sum + sessions, 0),
    steps: runs[0]!.steps,
    broken,
  };
  console.log(JSON.stringify(report));
}

main();
