import { createRequire } from 'node:module';
import { extension } from '../../src/ws/extension.ts';
import { PerMessageDeflate, type PerMessageDeflateOptions } from '../../src/ws/permessage-deflate.ts';
import { subprotocol } from '../../src/ws/subprotocol.ts';

/** What both packages' PerMessageDeflate has. */
export type ExportedDeflate = Pick<
  PerMessageDeflate,
  'params' | 'offer' | 'accept' | 'compress' | 'decompress' | 'cleanup'
>;

/** What `ws` exports beside its documented API; its published types leave it out. */
export interface ExportedClasses {
  readonly extension: typeof extension;
  readonly subprotocol: typeof subprotocol;
  readonly PerMessageDeflate: {
    readonly extensionName: string;
    new (options?: PerMessageDeflateOptions | null): ExportedDeflate;
  };
}

export const ws: ExportedClasses = createRequire(import.meta.url)('ws');
export const hawser: ExportedClasses = { extension, subprotocol, PerMessageDeflate };

/** Both, for suites that hold them to one behaviour. */
export const IMPLEMENTATIONS: ReadonlyArray<readonly [name: string, exported: ExportedClasses]> = [
  ['ws', ws],
  ['hawser', hawser],
];

/** Compresses, as a promise. */
export function compress(deflate: ExportedDeflate, data: Uint8Array | string, fin = true): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.compress(data, fin, (error, output) => (error ? reject(error) : resolve(output as Buffer)));
  });
}

/** Inflates, as a promise. */
export function decompress(deflate: ExportedDeflate, data: Uint8Array, fin = true): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.decompress(data, fin, (error, output) => (error ? reject(error) : resolve(output as Buffer)));
  });
}
