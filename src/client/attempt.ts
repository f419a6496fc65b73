import type { Provided, Settings } from './options.ts';
import { ABANDONED } from './retry-after.ts';
import type { Close, WebSocketShape } from './websocket-shape.ts';

export interface AttemptEvents {
  onOpen(socket: WebSocketShape): void;
  onMessage(data: unknown, origin: string): void;
  onError(error: unknown): void;
  /** The last event. */
  onClose(close: Close): void;
}

export type ProvidedUrl = Provided<string | URL>;
export type ProvidedProtocols = Provided<string | string[] | null | undefined>;

type ClosedNatively = Pick<Close, 'code'> & Partial<Close>;

/** One attempt to connect, and the connection that comes of it. */
export class Attempt {
  readonly #events: AttemptEvents;
  readonly #settings: Settings;
  #socket: WebSocketShape | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** @throws {DOMException} SyntaxError, where neither `url` nor `protocols` is a function: the WebSocket refuses them. */
  constructor(url: ProvidedUrl, protocols: ProvidedProtocols, settings: Settings, events: AttemptEvents) {
    this.#settings = settings;
    this.#events = events;
    if (typeof url !== 'function' && typeof protocols !== 'function') this.#open(url, protocols);
    else void this.#openLater(url, protocols);
    const { connectTimeoutMs } = settings;
    if (connectTimeoutMs > 0) this.#timer = setTimeout(() => this.fail('timeout'), connectTimeoutMs);
  }

  /** The WebSocket, once URL and subprotocols are known. */
  get socket(): WebSocketShape | undefined {
    return this.#socket;
  }

  /** Ends it at once and without an event, whatever the peer does: it may be out of reach. */
  abandon(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    // React Native's sends 1000 without a code, which tells the server that the client does not come back.
    this.#socket?.close(ABANDONED);
  }

  /** Ends it as lost, without waiting for the peer. */
  fail(reason: string): void {
    if (this.#isOver) return;
    this.abandon();
    this.#events.onClose(lost(reason));
  }

  /** Closes as the standard says. @throws {DOMException} A code or reason that is not allowed. */
  close(code: number | undefined, reason: string | undefined): void {
    if (this.#socket) this.#socket.close(code, reason);
    else {
      queueMicrotask(() => {
        // URL and subprotocols may have become known in between.
        this.#socket?.close();
        this.#end(lost(''));
      });
    }
  }

  async #openLater(url: ProvidedUrl, protocols: ProvidedProtocols): Promise<void> {
    try {
      const [currentUrl, currentProtocols] = await Promise.all([provided(url), provided(protocols)]);
      if (!this.#isOver) this.#open(currentUrl, currentProtocols);
    } catch (error) {
      this.#onError(error);
      this.#end(lost(''));
    }
  }

  #open(url: string | URL, protocols: string | string[] | null | undefined): void {
    const Class = this.#settings.WebSocket ?? (globalThis as { WebSocket?: Settings['WebSocket'] }).WebSocket;
    if (!Class) throw new TypeError('There is no global WebSocket: give one as an option');
    // Handlers stay where they are when it is over: some implementations throw errors that nobody listens to.
    const socket = new Class(String(url), protocols ?? []);
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#isOver) return;
      clearTimeout(this.#timer);
      this.#events.onOpen(socket);
    };
    socket.onmessage = ({ data, origin }: { data: unknown; origin: string }) => {
      if (!this.#isOver) this.#events.onMessage(data, origin);
    };
    socket.onerror = ({ error }: { error?: unknown }) => this.#onError(error);
    // React Native leaves out what it does not know.
    socket.onclose = ({ code, reason = '', wasClean = code !== 1006 }: ClosedNatively) =>
      this.#end({ code, reason, wasClean });
  }

  #onError(error: unknown): void {
    if (!this.#isOver) this.#events.onError(error);
  }

  #end(close: Close): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#events.onClose(close);
  }
}

/** How a connection ends that nobody closed (RFC 6455 §7.1.5). */
export function lost(reason: string): Close {
  return { code: 1006, reason, wasClean: false };
}

async function provided<Value>(value: Provided<Value>): Promise<Value> {
  return typeof value === 'function' ? (value as () => Value | PromiseLike<Value>)() : value;
}
