import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import {
  type Provided,
  type ReconnectingEvents,
  type ReconnectingOptions,
  ReconnectingWebSocket,
  type Sendable,
} from '../client/index.ts';
import { currentUrl, type HookUrl, keyOf } from './hook-url.ts';
import { readMessage, type SocketSnapshot, SocketStore } from './socket-store.ts';
import { useLatest } from './use-latest.ts';
import { useLifetime } from './use-lifetime.ts';

/** Callbacks may be other ones at each render; the other options count when the connection is made. */
export interface UseWebSocketOptions extends Omit<ReconnectingOptions, 'startClosed'> {
  readonly protocols?: Provided<string | string[] | null | undefined>;
  /** Each message, also where React draws once for several: JSON as what it stands for, the rest as it came. */
  readonly onMessage?: ((message: unknown, event: ReconnectingEvents['message']) => unknown) | undefined;
  readonly onOpen?: ((event: ReconnectingEvents['open']) => unknown) | undefined;
  readonly onClose?: ((event: ReconnectingEvents['close']) => unknown) | undefined;
  readonly onError?: ((event: ReconnectingEvents['error']) => unknown) | undefined;
}

export interface UseWebSocket extends SocketSnapshot {
  /**
   * Sends a message, or keeps it for the next connection: strings and bytes as they are, the rest as JSON.
   *
   * @throws {DOMException} InvalidStateError: the URL is `null`. QuotaExceededError: too much waits.
   */
  readonly send: (message: unknown) => void;
  /** Connects now. */
  readonly reconnect: () => void;
  /** The WebSocket itself, `null` with the URL `null`. */
  readonly socket: ReconnectingWebSocket | null;
}

const CLOSED: SocketSnapshot = { status: 'closed', lastMessage: null };
const CONNECTING: SocketSnapshot = { status: 'connecting', lastMessage: null };

/**
 * Holds a WebSocket that comes back, as long as its component is mounted.
 *
 * @param url - Another URL is another connection; `null` is none.
 */
export function useWebSocket(url: HookUrl, options: UseWebSocketOptions = {}): UseWebSocket {
  const latest = useLatest({ url, options });
  const key = keyOf(url);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the options count when the connection is made
  const held = useMemo(() => {
    if (key === null) return null;
    const socket = new ReconnectingWebSocket(
      () => currentUrl(latest.current.url),
      () => protocolsOf(latest.current.options),
      { ...options, startClosed: true },
    );
    return { socket, store: new SocketStore(socket) };
  }, [key]);
  const { status, lastMessage } = useSyncExternalStore(
    held?.store.subscribe ?? subscribeToNothing,
    held?.store.snapshot ?? (() => CLOSED),
    () => (key === null ? CLOSED : CONNECTING),
  );
  const socket = held?.socket ?? null;

  useEffect(() => {
    if (socket === null) return undefined;
    const stop = new AbortController();
    const { signal } = stop;
    socket.addEventListener(
      'message',
      (event) => latest.current.options.onMessage?.(readMessage(event.data), event),
      { signal },
    );
    socket.addEventListener('open', (event) => latest.current.options.onOpen?.(event), { signal });
    socket.addEventListener('close', (event) => latest.current.options.onClose?.(event), { signal });
    socket.addEventListener('error', (event) => latest.current.options.onError?.(event), { signal });
    return () => stop.abort();
  }, [socket, latest]);
  useLifetime(socket);

  const send = useCallback((message: unknown) => sendOn(socket, message), [socket]);
  const reconnect = useCallback(() => socket?.reconnect(), [socket]);
  return { status, lastMessage, send, reconnect, socket };
}

function sendOn(socket: ReconnectingWebSocket | null, message: unknown): void {
  if (socket === null) throw new DOMException('The URL is null', 'InvalidStateError');
  socket.send(isSendable(message) ? message : JSON.stringify(message));
}

function isSendable(message: unknown): message is Sendable {
  return (
    typeof message === 'string' ||
    message instanceof Blob ||
    message instanceof ArrayBuffer ||
    ArrayBuffer.isView(message)
  );
}

function protocolsOf({ protocols }: UseWebSocketOptions) {
  return typeof protocols === 'function' ? protocols() : protocols;
}

function subscribeToNothing(): () => void {
  return () => {};
}
