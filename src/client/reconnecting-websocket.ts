import { Attempt, lost, type ProvidedProtocols, type ProvidedUrl } from './attempt.ts';
import {
  type ConnectionState,
  isLifecycle,
  type LifecycleEvents,
  type ReconnectingEvents,
} from './client-events.ts';
import { checkClose } from './close-arguments.ts';
import { EventAttributes } from './event-attributes.ts';
import { Heartbeat } from './heartbeat.ts';
import { makeEvent } from './make-event.ts';
import { type FamiliarOptions, type ReconnectingOptions, readOptions, type Settings } from './options.ts';
import { followPage, isOffline } from './page.ts';
import { ReturnPolicy } from './return-policy.ts';
import { SendQueue } from './send-queue.ts';
import { Sending } from './sending.ts';
import { Topics } from './topics.ts';
import type { BinaryType, Close, Sendable, WebSocketShape } from './websocket-shape.ts';

/** What comes as JSON with a `type`, by that type. */
export type MessageMap = Record<string, object>;

type Phase =
  /** Nothing was asked for yet. */
  | { readonly is: 'idle' }
  | { readonly is: 'opening'; readonly attempt: Attempt; readonly isRetry: boolean }
  | {
      readonly is: 'open';
      readonly attempt: Attempt;
      readonly since: number;
      readonly heartbeat: Heartbeat | undefined;
    }
  | {
      readonly is: 'waiting';
      /** `undefined`: the page is put away. */
      readonly timer: ReturnType<typeof setTimeout> | undefined;
      readonly mayHurry: boolean;
    }
  | { readonly is: 'closing'; readonly attempt: Attempt; readonly wasOpen: boolean }
  /** By `close()`, or the signal. */
  | { readonly is: 'closed' }
  /** The server refuses, or no retry is left. */
  | { readonly is: 'given up' };

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const;

/**
 * A WebSocket that comes back: one of the WHATWG standard, whose events come again with each connection.
 *
 * @typeParam Messages - The JSON messages with a `type`, for {@link on}.
 */
export class ReconnectingWebSocket<Messages extends object = MessageMap> extends EventAttributes {
  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSING = CLOSING;
  static readonly CLOSED = CLOSED;
  readonly CONNECTING = CONNECTING;
  readonly OPEN = OPEN;
  readonly CLOSING = CLOSING;
  readonly CLOSED = CLOSED;

  readonly #url: ProvidedUrl;
  readonly #protocols: ProvidedProtocols;
  readonly #settings: Settings;
  readonly #policy: ReturnPolicy;
  readonly #queue: SendQueue<Sending>;
  readonly #topics = new Topics();
  #phase: Phase = { is: 'idle' };
  #binaryType: BinaryType | undefined;
  /** Ends listening to the page and the signal; they are listened to as long as there is something to do. */
  #unfollow: (() => void) | undefined;

  /**
   * Connects.
   *
   * @param url - A URL, or a function that returns one, or a promise of one: it is called for each attempt.
   * @param protocols - Subprotocols to offer, or a function in the same way.
   * @throws {DOMException} SyntaxError: a bad URL or subprotocol, where neither is a function.
   * @throws {TypeError} There is no WebSocket to connect with.
   */
  constructor(
    url: ProvidedUrl,
    protocols: ProvidedProtocols = undefined,
    options: ReconnectingOptions & FamiliarOptions = {},
  ) {
    super();
    this.#url = url;
    this.#protocols = protocols;
    this.#settings = readOptions(options);
    this.#policy = new ReturnPolicy(this.#settings);
    this.#queue = new SendQueue(this.#settings.queue);
    if (!options.startClosed) this.reconnect();
  }

  /** What it does now. */
  get state(): ConnectionState {
    const phase = this.#phase;
    switch (phase.is) {
      case 'opening':
        return phase.isRetry ? 'reconnecting' : 'connecting';
      case 'open':
        return 'connected';
      case 'waiting':
        return 'reconnecting';
      case 'given up':
        return 'closed';
      default:
        return phase.is;
    }
  }

  /** The state in numbers: CONNECTING 0 also between attempts, OPEN 1, CLOSING 2, CLOSED 3 when it does not come back. */
  get readyState(): 0 | 1 | 2 | 3 {
    const { is } = this.#phase;
    // The other end may have begun to close it.
    if (is === 'open') return this.#socket?.readyState as 1;
    if (is === 'closing') return CLOSING;
    return this.#isActive ? CONNECTING : CLOSED;
  }

  /** The URL of the connection or the attempt; '' before a function has returned the first one. */
  get url(): string {
    return this.#socket?.url ?? (typeof this.#url === 'function' ? '' : String(this.#url));
  }

  /** The subprotocol that the server chose, or ''. */
  get protocol(): string {
    return this.#socket?.protocol ?? '';
  }

  /** The extensions that the server accepted, or ''. */
  get extensions(): string {
    return this.#socket?.extensions ?? '';
  }

  /** Bytes of messages that wait for a connection, or have not gone out on it. */
  get bufferedAmount(): number {
    return this.#queue.bytes + (this.#socket?.bufferedAmount ?? 0);
  }

  /** Retries since the last connection that held. */
  get retryCount(): number {
    return this.#policy.retries;
  }

  /** How binary messages are handed over; other values than the two are ignored. */
  get binaryType(): BinaryType {
    return this.#binaryType ?? 'blob';
  }

  set binaryType(value: BinaryType) {
    if (value !== 'blob' && value !== 'arraybuffer') return;
    this.#binaryType = value;
    if (this.#socket) this.#socket.binaryType = value;
  }

  /**
   * Listens to what happens to the connection, or to JSON messages by their `type`: `{ "type": "chat", ... }`.
   *
   * @returns What ends it.
   */
  on<Type extends keyof LifecycleEvents>(
    type: Type,
    handler: (event: LifecycleEvents[Type]) => unknown,
  ): () => void;
  on<Type extends keyof Messages & string>(
    type: Type,
    handler: (message: Messages[Type] & { readonly type: Type }) => unknown,
  ): () => void;
  on(type: string, handler: (event: never) => unknown): () => void {
    if (!isLifecycle(type)) return this.#topics.on(type, handler);
    this.addEventListener(type, handler as () => unknown);
    return () => this.removeEventListener(type, handler as () => unknown);
  }

  /**
   * Sends a message, or keeps it for the next connection; after `close()` it is thrown away, as in the standard.
   *
   * @throws {DOMException} QuotaExceededError: the queue is full, and its `overflow` is `reject`.
   */
  send(data: Sendable): void {
    const { is } = this.#phase;
    if (this.readyState === OPEN) this.#socket?.send(data as never);
    else if (is !== 'closing' && is !== 'closed') this.#keep(new Sending(data));
  }

  /**
   * Closes for good, and throws away what waits to be sent.
   *
   * @param code - 1000 or 3000-4999.
   * @param reason - At most 123 bytes of UTF-8.
   * @throws {DOMException} InvalidAccessError: another code. SyntaxError: a longer reason.
   */
  close(code?: number, reason?: string): void {
    checkClose(code, reason);
    const phase = this.#phase;
    if (phase.is === 'opening' || phase.is === 'open') {
      phase.attempt.close(code, reason);
      const wasOpen = this.#endConnection();
      this.#enter({ is: 'closing', attempt: phase.attempt, wasOpen });
    } else if (phase.is === 'waiting') {
      this.#enter({ is: 'closed' });
      queueMicrotask(() => this.#tell('close', { code: code ?? 1000, reason: reason ?? '', wasClean: true }));
    } else if (phase.is === 'given up') {
      this.#enter({ is: 'closed' });
    }
    this.#queue.clear();
  }

  /**
   * Connects now, with retries counted anew; a connection that there is, is given up. Without effect after the signal.
   *
   * @throws {DOMException} SyntaxError, as the constructor.
   */
  reconnect(): void {
    this.#policy.reset();
    if (this.#settings.signal?.aborted) this.#enter({ is: 'closed' });
    else this.#replaceConnection('reconnect', () => this.#connect());
  }

  /** Whether there is a connection, or will be one. */
  get #isActive(): boolean {
    return !['idle', 'closed', 'given up'].includes(this.#phase.is);
  }

  get #socket(): WebSocketShape | undefined {
    return this.#attempt?.socket;
  }

  get #attempt(): Attempt | undefined {
    return (this.#phase as { attempt?: Attempt }).attempt;
  }

  /** @throws What the WebSocket refuses. */
  #connect(): void {
    const isRetry = this.#isActive;
    const attempt: Attempt = new Attempt(this.#url, this.#protocols, this.#settings, {
      onOpen: (socket) => this.#onOpen(attempt, socket),
      onMessage: (data, origin) => this.#onMessage(data, origin),
      onError: (error) => this.#tell('error', { error }),
      onClose: (close) => this.#onClose(close),
    });
    this.#enter({ is: 'opening', attempt, isRetry });
  }

  /** Connects where there is nobody to throw to. */
  #connectAgain(): void {
    try {
      this.#connect();
    } catch (error) {
      this.#tell('error', { error });
      this.#onClose(lost(''));
    }
  }

  #onOpen(attempt: Attempt, socket: WebSocketShape): void {
    if (this.#binaryType) socket.binaryType = this.#binaryType;
    // Before anything is told: who hears of it may send more.
    for (const sending of this.#queue) {
      this.#queue.delete(sending);
      socket.send(sending.data as never);
    }
    const heartbeat = this.#startHeartbeat(attempt, socket);
    const phase: Phase = { is: 'open', attempt, since: performance.now(), heartbeat };
    this.#enter(phase);
    for (const type of ['open', 'connected'] as const) {
      // Who was told may have given it up.
      if (this.#phase === phase) this.#tell(type, {});
    }
  }

  #startHeartbeat(attempt: Attempt, socket: WebSocketShape): Heartbeat | undefined {
    const { heartbeat } = this.#settings;
    if (!heartbeat) return undefined;
    return new Heartbeat(
      heartbeat,
      (message) => socket.send(message as never),
      () => attempt.fail('heartbeat'),
    );
  }

  #onMessage(data: unknown, origin: string): void {
    if (this.#phase.is !== 'open') return;
    this.#phase.heartbeat?.heard();
    this.#tell('message', { data, origin });
    if (this.#topics.isEmpty || typeof data !== 'string') return;
    const message = parse(data);
    if (typeof message?.type === 'string') this.#topics.emit(message.type, message);
  }

  #onClose(close: Close): void {
    const wasOpen = this.#endConnection();
    const announce = this.#decide(close);
    const phase = this.#phase;
    this.#tellEnd(close, wasOpen);
    // Who was told may have decided otherwise.
    if (this.#phase === phase) announce?.();
  }

  /** Enters what follows a close, and returns what tells of it. */
  #decide(close: Close): (() => void) | undefined {
    if (this.#phase.is === 'closing') {
      this.#enter({ is: 'closed' });
      return undefined;
    }
    const decision = this.#policy.after(close, isOffline());
    if (typeof decision === 'string') {
      this.#enter({ is: 'given up' });
      if (decision === 'refused') return undefined;
      return () => this.#tell('maxRetriesReached', { attempts: this.retryCount });
    }
    const { delayMs, attempt, mayHurry } = decision;
    const timer = setTimeout(() => this.#connectAgain(), delayMs);
    this.#enter({ is: 'waiting', timer, mayHurry });
    return () => this.#tell('reconnecting', { attempt, delayMs });
  }

  /** Gives up what there is of a connection, without waiting for the peer. */
  #replaceConnection(reason: string, next: () => void): void {
    const attempt = this.#attempt;
    const wasOpen = this.#endConnection();
    attempt?.abandon();
    next();
    if (attempt) this.#tellEnd(lost(reason), wasOpen);
  }

  /** Ends what goes with an open connection; returns whether there is, or was, one. */
  #endConnection(): boolean {
    const phase = this.#phase;
    if (phase.is !== 'open') return phase.is === 'closing' && phase.wasOpen;
    phase.heartbeat?.stop();
    if (performance.now() - phase.since >= this.#settings.stableAfterMs) this.#policy.reset();
    return true;
  }

  #tellEnd(close: Close, wasOpen: boolean): void {
    const willReconnect = this.#isActive;
    this.#tell('close', close);
    if (wasOpen) this.#tell('disconnected', { ...close, willReconnect });
  }

  #enter(phase: Phase): void {
    const { state } = this;
    if (this.#phase.is === 'waiting') clearTimeout(this.#phase.timer);
    this.#phase = phase;
    if (this.#isActive) this.#unfollow ??= this.#follow();
    else {
      this.#unfollow?.();
      this.#unfollow = undefined;
    }
    if (this.state !== state) this.#tell('state', {});
  }

  /** Listens to what is outside: the page and the signal. */
  #follow(): () => void {
    const { signal, followPage: heedsPage = true } = this.#settings;
    const onAbort = (): void => this.close();
    signal?.addEventListener('abort', onAbort);
    const unfollow = heedsPage
      ? followPage({
          onOnline: () => this.#hurry(true),
          onOffline: () => this.#askPeer(),
          onSuspend: () => this.#suspend(),
          onResume: () => this.#hurry(false),
        })
      : undefined;
    return () => {
      signal?.removeEventListener('abort', onAbort);
      unfollow?.();
    };
  }

  /** The page is put away: neither timers nor the network are to be relied on. */
  #suspend(): void {
    const phase = this.#phase;
    if (phase.is !== 'opening' && phase.is !== 'open' && !(phase.is === 'waiting' && phase.mayHurry)) return;
    this.#replaceConnection('suspended', () =>
      this.#enter({ is: 'waiting', timer: undefined, mayHurry: true }),
    );
  }

  /** Things may have got better: does not wait any longer, unless the server asked for it. */
  #hurry(isAnew: boolean): void {
    const phase = this.#phase;
    if (phase.is === 'waiting' && phase.mayHurry) {
      if (isAnew) this.#policy.reset();
      this.#connectAgain();
    } else this.#askPeer();
  }

  #askPeer(): void {
    if (this.#phase.is === 'open') this.#phase.heartbeat?.ask();
  }

  #keep(sending: Sending): void {
    for (const { data } of this.#queue.add(sending)) this.#tell('dropped', { data });
  }

  #tell(type: keyof ReconnectingEvents, members: object): void {
    this.dispatchEvent(makeEvent(type, members));
  }
}

function parse(text: string): { type?: unknown } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
