/** What a connection tells of itself. */
export interface ConnectionEvents {
  onMessage(channel: string, message: string): void;
  /** It is of no use any more. */
  onLost(error: Error): void;
}

/** One connection for commands and one for messages, to a server or a cluster of them: all that is asked of a client library. */
export interface RedisConnection {
  /** Whether messages are published to the part of a cluster that has the room. */
  readonly isSharded: boolean;
  /** Sends a command, whose first key is `key`, and returns its reply as the server gives it. */
  send(key: string, command: readonly string[]): Promise<unknown>;
  subscribe(channels: readonly string[]): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  /** Ends both connections at once; what waits for a reply need not be told. */
  destroy(): void;
}

/** Makes a connection; it does not make another one by itself when that is lost. */
export type Connect = (events: ConnectionEvents, timeoutMs: number) => Promise<RedisConnection>;
