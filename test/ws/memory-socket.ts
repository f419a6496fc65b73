import type { SenderCallback, SenderSocket } from '../../src/ws/sender.ts';

/** A socket that keeps what is written to it, and calls back in the next tick, as a stream does. */
export class MemorySocket implements SenderSocket {
  /** Strings as they are, bytes in hexadecimal, and the corks around them. */
  readonly log: string[] = [];
  destroyed = false;

  write(chunk: Uint8Array | string, callback?: SenderCallback): boolean {
    this.log.push(typeof chunk === 'string' ? JSON.stringify(chunk) : Buffer.from(chunk).toString('hex'));
    if (callback !== undefined) process.nextTick(callback);
    return true;
  }

  cork(): void {
    this.log.push('cork');
  }

  uncork(): void {
    this.log.push('uncork');
  }

  /** What was written, without the corks. */
  get written(): string[] {
    return this.log.filter((entry) => !entry.endsWith('cork'));
  }
}
