import type { Receiver, ReceiverOptions } from '../../src/ws/receiver.ts';
import type { ExportedClasses } from './exported-classes.ts';

/** Writes `chunks` to a receiver of its own, and returns what it emits until it has taken them all, as plain values. */
export async function logOf(
  exported: ExportedClasses,
  options: ReceiverOptions,
  chunks: readonly Uint8Array[],
): Promise<unknown[][]> {
  const receiver = new exported.Receiver(options);
  const log = record(receiver);
  await new Promise<void>((resolve) => {
    receiver.once('close', resolve);
    for (const chunk of chunks) if (!receiver.writableEnded) receiver.write(Buffer.from(chunk));
    if (!receiver.writableEnded) receiver.end();
  });
  return Promise.all(log.map((entry) => Promise.all(entry.map(plain))));
}

/** Notes what a receiver emits, in order. */
export function record(receiver: Receiver): unknown[][] {
  const log: unknown[][] = [];
  for (const name of ['message', 'ping', 'pong', 'conclude', 'finish']) {
    receiver.on(name, (...values: unknown[]) => log.push([name, ...values]));
  }
  receiver.on('error', (error) => log.push(['error', error]));
  return log;
}

/** Bytes as hexadecimal text in brackets that say of what kind they are; errors as what a program can see of them. */
export async function plain(value: unknown): Promise<unknown> {
  if (Buffer.isBuffer(value)) return `<${value.toString('hex')}>`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${await plain(Buffer.from(value))}`;
  if (value instanceof Blob) return `Blob ${await plain(Buffer.from(await value.arrayBuffer()))}`;
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (!(value instanceof Error)) return value;
  const { name, message, code } = value as NodeJS.ErrnoException;
  return { name, message, code, isRangeError: value instanceof RangeError };
}
