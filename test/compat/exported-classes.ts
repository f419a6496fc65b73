import { createRequire } from 'node:module';
import { extension } from '../../src/ws/extension.ts';
import { PerMessageDeflate } from '../../src/ws/permessage-deflate.ts';
import { Receiver } from '../../src/ws/receiver.ts';
import { Sender } from '../../src/ws/sender.ts';
import { subprotocol } from '../../src/ws/subprotocol.ts';

export const hawser = { extension, subprotocol, PerMessageDeflate, Receiver, Sender };

/** What `ws` exports beside its documented API; its published types leave it out. */
export type ExportedClasses = typeof hawser;

export const ws: ExportedClasses = createRequire(import.meta.url)('ws');

/** Both, for suites that hold them to one behaviour. */
export const IMPLEMENTATIONS: ReadonlyArray<readonly [name: string, exported: ExportedClasses]> = [
  ['ws', ws],
  ['hawser', hawser],
];

/** Compresses, as a promise. */
export function compress(deflate: PerMessageDeflate, data: Uint8Array | string, fin = true): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.compress(data, fin, (error, output) => (error ? reject(error) : resolve(output as Buffer)));
  });
}

/** Inflates, as a promise. */
export function decompress(deflate: PerMessageDeflate, data: Uint8Array, fin = true): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.decompress(data, fin, (error, output) => (error ? reject(error) : resolve(output as Buffer)));
  });
}
