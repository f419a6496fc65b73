import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import type { ExtensionOffer } from '../../src/handshake/header-grammar.ts';

/** What `ws` makes of a Sec-WebSocket-Extensions header. */
export type WsExtensions = Record<string, Array<Record<string, Array<string | true>>>>;

export interface WsDeflate {
  accept(configurations: Array<Record<string, unknown>>): Record<string, number | true>;
  offer(): Record<string, unknown>;
}

/** The exports of `ws` that its published types leave out. */
interface WsModule {
  readonly extension: {
    parse(header: string): WsExtensions;
    format(extensions: Record<string, unknown>): string;
  };
  readonly subprotocol: { parse(header: string): Set<string> };
  readonly PerMessageDeflate: new (options: Record<string, unknown>) => WsDeflate;
}

export const ws = createRequire(import.meta.url)('ws') as WsModule;

/** Our list of offers in the form of `ws`. */
export function asWsExtensions(offers: readonly ExtensionOffer[]): WsExtensions {
  const extensions: WsExtensions = Object.create(null);
  for (const { name, parameters } of offers) {
    const collected: Record<string, Array<string | true>> = Object.create(null);
    for (const parameter of parameters) {
      collected[parameter.name] = [...(collected[parameter.name] ?? []), parameter.value];
    }
    extensions[name] = [...(extensions[name] ?? []), collected];
  }
  return extensions;
}

/** What a function returns, or the words of what it throws. */
export function outcome<T>(run: () => T): { value: T } | { error: string } {
  try {
    return { value: run() };
  } catch (error) {
    return { error: `${error}` };
  }
}

/** A socket of memory: `written` gets each text that is written to it, and may push an answer. */
export class MemorySocket extends Duplex {
  readonly #onWrite: (text: string, socket: MemorySocket) => void;

  constructor(onWrite: (text: string, socket: MemorySocket) => void) {
    super();
    this.#onWrite = onWrite;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#onWrite(chunk.toString('latin1'), this);
    callback();
  }
}
