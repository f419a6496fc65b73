import { onTestFinished } from 'vitest';
import type { PerMessageDeflate, PerMessageDeflateOptions } from '../../src/ws/permessage-deflate.ts';
import type { Sender, SenderCallback } from '../../src/ws/sender.ts';
import { MemorySocket } from '../ws/memory-socket.ts';
import type { ExportedClasses } from './exported-classes.ts';

export const KEY = Buffer.from('01020304', 'hex');
export const fillKey = (key: Buffer): void => {
  KEY.copy(key);
};

/** Makes a PerMessageDeflate that has accepted `parameters`. */
export function deflateOf(
  exported: ExportedClasses,
  parameters = {},
  options: PerMessageDeflateOptions = {},
): PerMessageDeflate {
  const deflate = new exported.PerMessageDeflate(options);
  onTestFinished(() => deflate.cleanup());
  deflate.accept([parameters]);
  return deflate;
}

/** Makes a sender over memory. */
export function senderOf(
  exported: ExportedClasses,
  deflate?: PerMessageDeflate,
  generateMask?: (key: Buffer) => void,
): { socket: MemorySocket; sender: Sender } {
  const socket = new MemorySocket();
  const extensions = deflate && { 'permessage-deflate': deflate };
  return { socket, sender: new exported.Sender(socket, extensions, generateMask) };
}

/** Resolves with what `run` calls back with. */
export function called(run: (callback: SenderCallback) => void): Promise<Error | null | undefined> {
  return new Promise((resolve) => run(resolve));
}
