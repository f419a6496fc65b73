// Sends back what it gets, but not quite: the benchmark has to notice.
import { createServer } from 'node:net';
import { say, settings } from './control.mjs';

const FAULTS = {
  changed: (chunk) => Buffer.concat([chunk.subarray(0, -1), Buffer.from([~chunk.at(-1)])]),
  longer: (chunk) => Buffer.concat([chunk, Buffer.from([0])]),
};

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', () => {
    socket.write(settings.response);
    socket.on('data', (chunk) => socket.write(FAULTS[settings.fault](chunk)));
  });
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
