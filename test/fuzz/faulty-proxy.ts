import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export const FAULTS = ['none', 'single bytes', 'reset', 'half-close', 'stall', 'destroy'] as const;

/** What happens to a connection, and when. */
export interface Plan {
  readonly fault: (typeof FAULTS)[number];
  /** Whose bytes are counted. */
  readonly side: 'client' | 'server';
  /** After how many of them. */
  readonly after: number;
}

/** A TCP proxy in front of `port` that passes bytes on until `plan` has something else in mind. */
export async function startFaultyProxy(port: number, plan: Plan) {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    pass(client, upstream, plan, plan.side === 'client');
    pass(upstream, client, plan, plan.side === 'server');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function pass(from: Socket, to: Socket, { fault, after }: Plan, counted: boolean): void {
  let left = counted ? after : Number.POSITIVE_INFINITY;
  // The other half goes with it: a proxy that leaves it open would be one more fault.
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
  from.on('end', () => to.end());
  from.on('data', (chunk: Buffer) => {
    if (left < 0) return;
    const passed = chunk.subarray(0, left);
    if (fault === 'single bytes') for (const byte of passed) to.write(Buffer.of(byte));
    else if (passed.length > 0) to.write(passed);
    left -= passed.length;
    if (left > 0 || fault === 'none' || fault === 'single bytes') {
      if (left <= 0) left = Number.POSITIVE_INFINITY;
      if (chunk.length > passed.length) to.write(chunk.subarray(passed.length));
      return;
    }
    left = -1;
    if (fault === 'reset') to.resetAndDestroy();
    else if (fault === 'destroy') to.destroy();
    else if (fault === 'half-close') to.end();
  });
}
