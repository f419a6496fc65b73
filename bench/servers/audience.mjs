// The clients of a server that sends the same to all of them: whether they have come, and what all of them have.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Opens the control connection, on which the load generator writes a byte for each step that all clients are through. */
export async function createAudience(size) {
  let missing = size;
  let complete = 0;
  let allCame;
  let proceed;
  const together = new Promise((resolve) => {
    allCame = resolve;
  });
  const control = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      complete += chunk.length;
      proceed?.();
    });
  });
  await once(control.listen(0, '127.0.0.1'), 'listening');

  return {
    port: control.address().port,
    /** Resolves when all clients have been greeted. */
    together,
    greet() {
      if (--missing === 0) allCame();
    },
    /** Resolves when all clients are through the first `count` steps. */
    through(count) {
      return new Promise((resolve) => {
        proceed = () => complete >= count && resolve();
        proceed();
      });
    },
  };
}
