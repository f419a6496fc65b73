// Sends messages when it is asked to, so many at a time.
import { connect } from 'node:net';
import { BINARY, maskedFrame } from '../frames.mjs';
import { PAYLOADS } from '../payloads.mjs';
import { QUESTIONS, say, settings } from '../servers/control.mjs';

const { port, request, messages, atATime, bytes } = settings;
const frame = maskedFrame(BINARY, PAYLOADS.binary(bytes, 0));
const turn = Buffer.concat(Array.from({ length: atATime }, () => frame));
const socket = connect({ port, host: '127.0.0.1', noDelay: true });

QUESTIONS.send = async () => {
  for (let sent = 0; sent < messages; sent += atATime) await new Promise((done) => socket.write(turn, done));
  return {};
};
socket.on('error', console.error);
socket.write(request);
socket.once('data', () => say({}));
