import type { ProtocolEvents, SendCallback, Transport } from '../../src/core/index.ts';

/** Collects what a Protocol tells, as plain values. */
export class RecordedEvents implements ProtocolEvents {
  readonly log: Array<[name: string, ...values: unknown[]]> = [];

  onMessage(data: Uint8Array, isBinary: boolean, fragmentEnds?: readonly number[]): void {
    const rest = fragmentEnds === undefined ? [] : [fragmentEnds];
    this.log.push(['message', hex(data), isBinary, ...rest]);
  }

  onPing(payload: Uint8Array): void {
    this.log.push(['ping', hex(payload)]);
  }

  onPong(payload: Uint8Array): void {
    this.log.push(['pong', hex(payload)]);
  }

  onClose(code: number, reason: Uint8Array): void {
    this.log.push(['close', code, hex(reason)]);
  }

  onError(error: Error): void {
    this.log.push(['error', 'code' in error ? error.code : error.message]);
  }
}

/** Collects what a Protocol writes; callbacks are called at once, unless they are held. */
export class RecordedTransport implements Transport {
  readonly log: string[] = [];
  readonly heldCallbacks: SendCallback[] = [];
  destroyed = false;
  full = false;
  written = '';
  /** What a flush that is asked for does. */
  flush = (): void => {};

  constructor(readonly holdCallbacks = false) {}

  write(bytes: Uint8Array, callback?: SendCallback): void {
    this.log.push('write');
    this.written += hex(bytes);
    if (callback === undefined) return;
    if (this.holdCallbacks) this.heldCallbacks.push(callback);
    else callback();
  }

  flushSoon(): void {
    this.flush();
  }

  queued(): void {}

  pauseReading(): void {
    this.log.push('pause');
  }

  resumeReading(): void {
    this.log.push('resume');
  }

  end(): void {
    this.log.push('end');
  }

  destroy(): void {
    this.log.push('destroy');
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Bytes of hexadecimal text, spaces apart. */
export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}
