// A TCP proxy that cuts both directions into pieces of 1 to 7 bytes, each written on its own.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const MAX_PIECE_BYTES = 7;

/** Returns a generator of numbers in [0, 1) that is the same for the same seed (mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Starts a proxy before `targetPort` and returns its port.
 *
 * It belongs in the process of the endpoint under test: on one event loop the endpoint reads a piece before the next one
 * is written, so that the kernel can't join them again.
 */
export async function startChoppingProxy(targetPort, seed) {
  const random = seededRandom(seed);
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    pass(near, far, random);
    pass(far, near, random);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

async function pass(from, to, random) {
  to.on('error', () => from.destroy());
  try {
    // The other direction may go on after this one has ended.
    for await (const chunk of from.iterator({ destroyOnReturn: false }))
      await writeInPieces(to, chunk, random);
    to.end();
  } catch {
    to.destroy();
  }
}

/** Cuts `chunk`; the next piece is written when the operating system has the last one. */
export async function writeInPieces(stream, chunk, random) {
  for (let start = 0; start < chunk.length; ) {
    const end = Math.min(chunk.length, start + 1 + Math.floor(random() * MAX_PIECE_BYTES));
    const piece = chunk.subarray(start, end);
    await new Promise((resolve, reject) => {
      stream.write(piece, (error) => (error ? reject(error) : setImmediate(resolve)));
    });
    start = end;
  }
}
