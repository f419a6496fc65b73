import { debuglog } from 'node:util';
import {
  Protocol,
  type ProtocolEvents,
  type ProtocolOptions,
  type Role,
  type Transport,
} from '../core/index.ts';
import { FrameLines } from './frame-lines.ts';

const log = debuglog('hawser');

/** Makes the protocol of a connection; with NODE_DEBUG=hawser, one that writes its frames to stderr. */
export const createProtocol: typeof plain = log.enabled ? logging : plain;

function plain(role: Role, options: ProtocolOptions, transport: Transport, events: ProtocolEvents): Protocol {
  return new Protocol(role, options, transport, events);
}

let lastNumber = 0;

function logging(...[role, options, transport, events]: Parameters<typeof plain>): Protocol {
  const end = `${role} ${++lastNumber}`;
  const incoming = new FrameLines((line) => log('%s <- %s', end, line));
  const outgoing = new FrameLines((line) => log('%s -> %s', end, line));
  return new LoggedProtocol(role, options, new LoggedTransport(transport, outgoing), events, incoming);
}

/** Logs what comes before it is looked at: that unmasks it in place. */
class LoggedProtocol extends Protocol {
  readonly #lines: FrameLines;

  constructor(
    role: Role,
    options: ProtocolOptions,
    transport: Transport,
    events: ProtocolEvents,
    lines: FrameLines,
  ) {
    super(role, options, transport, events);
    this.#lines = lines;
  }

  override receive(chunk: Uint8Array, end = chunk.length): void {
    this.#lines.add(chunk.subarray(0, end));
    super.receive(chunk, end);
  }
}

/** Logs what is written. */
class LoggedTransport implements Transport {
  readonly #transport: Transport;
  readonly #lines: FrameLines;

  constructor(transport: Transport, lines: FrameLines) {
    this.#transport = transport;
    this.#lines = lines;
  }

  get destroyed(): boolean {
    return this.#transport.destroyed;
  }

  get full(): boolean {
    return this.#transport.full;
  }

  write(...[bytes, callback]: Parameters<Transport['write']>): unknown {
    this.#lines.add(bytes);
    return this.#transport.write(bytes, callback);
  }

  flushSoon(): void {
    this.#transport.flushSoon();
  }

  queued(): void {
    this.#transport.queued();
  }

  dropped(): void {
    this.#transport.dropped?.();
  }

  pauseReading(): void {
    this.#transport.pauseReading();
  }

  resumeReading(): void {
    this.#transport.resumeReading();
  }

  end(): void {
    this.#transport.end();
  }

  destroy(): void {
    this.#transport.destroy();
  }
}
