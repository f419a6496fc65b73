import { createRequire } from 'node:module';
import { extension } from '../../src/ws/extension.ts';
import { subprotocol } from '../../src/ws/subprotocol.ts';

/** What `ws` exports beside its documented API; its published types leave it out. */
export interface ExportedClasses {
  readonly extension: typeof extension;
  readonly subprotocol: typeof subprotocol;
}

export const ws: ExportedClasses = createRequire(import.meta.url)('ws');
export const hawser: ExportedClasses = { extension, subprotocol };

/** Both, for suites that hold them to one behaviour. */
export const IMPLEMENTATIONS: ReadonlyArray<readonly [name: string, exported: ExportedClasses]> = [
  ['ws', ws],
  ['hawser', hawser],
];
