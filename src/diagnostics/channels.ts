import { type Channel, channel } from 'node:diagnostics_channel';
import type { Role } from '../core/index.ts';
import type { Handshake } from './handshake.ts';

/** What every report of a connection says. */
export interface ConnectionReport {
  /** The WebSocket that it is about: of `hawser`, or a WebSocket or WebSocketStream of `hawser/web`. */
  readonly websocket: object;
  /** Which end it is. */
  readonly role: Role;
}

export interface CloseReport extends ConnectionReport {
  /** The peer's close code: 1005 when its Close frame had none, 1006 when none came. */
  readonly code: number;
  /** The peer's words: as little to be trusted as a message. */
  readonly reason: string;
}

export interface MessageReport extends ConnectionReport {
  readonly isBinary: boolean;
  /** The length of the payload, in bytes: what came out of an inflater, what goes into a deflater. */
  readonly bytes: number;
}

export interface SentMessageReport extends MessageReport {
  /** Whether this ends the message; false for a fragment that others follow. */
  readonly fin: boolean;
}

export interface LatencyReport extends ConnectionReport {
  /** From a ping of the heartbeat to its pong, in milliseconds. */
  readonly latencyMs: number;
}

export interface BufferReport extends ConnectionReport {
  /** What was sent and is not with the operating system yet, in bytes. */
  readonly bufferedBytes: number;
}

export interface LimitReport extends ConnectionReport {
  /** The option whose limit it is; `messageParts` for both `maxFragments` and `maxBufferedChunks`, which share a code. */
  readonly limit: LimitName;
  /** The code of the error that the connection, or the message, fails with; `undefined` where it ends without one. */
  readonly code: string | undefined;
}

export type LimitName =
  | 'closeTimeout'
  | 'heartbeat'
  | 'maxBufferedBytes'
  | 'maxControlFramesPerSecond'
  | 'maxPayload'
  | 'maxPendingAutoPongs'
  | 'messageParts';

export interface ErrorReport extends ConnectionReport {
  /** What 'error' has, or would have if anyone listened to it. */
  readonly error: Error;
}

export interface HubSocketReport {
  /** The socket of the hub. */
  readonly socket: object;
  /** The path of its namespace. */
  readonly namespace: string;
}

export interface HubRoomReport {
  readonly room: string;
  /** The path of its namespace. */
  readonly namespace: string;
}

export interface HubRefusalReport {
  /** The code of the error that the client got. */
  readonly code: string;
  /** The socket of the hub, where there is one already. */
  readonly socket: object | undefined;
}

/** What the channels of `node:diagnostics_channel` carry, by their names. No channel carries a payload. */
export interface ChannelMessages {
  /** An opening handshake began: a request came in, or is going out. A redirect begins another one. */
  'hawser:handshake:start': Handshake;
  /** It succeeded; 'hawser:open' follows. The same object as at its start. */
  'hawser:handshake:end': Handshake;
  /** It failed, was refused or given up. The same object as at its start, which what is no request to upgrade has, too. */
  'hawser:handshake:refused': Handshake;
  /** A connection is open; one 'hawser:close' follows. */
  'hawser:open': ConnectionReport;
  'hawser:close': CloseReport;
  /** A whole message came, before its listener gets it; of `messageStreams()`, its last bytes. */
  'hawser:message:in': MessageReport;
  /** A message, or a fragment of one, was given to be sent; of `sendStream()`, all of it. */
  'hawser:message:out': SentMessageReport;
  /** The pong of the heartbeat came. */
  'hawser:ping:latency': LatencyReport;
  /** More than `highWaterMarkBytes` waits to be sent. */
  'hawser:backpressure': BufferReport;
  /** No more than `lowWaterMarkBytes` waits, after it was more than the other mark. */
  'hawser:drain': BufferReport;
  /** A peer went beyond a limit: the connection ends, or by `slowPeer` a message is dropped. */
  'hawser:limit': LimitReport;
  /** A connection, or an attempt at one, fails. */
  'hawser:error': ErrorReport;
  /** A client of a hub can be spoken to; one 'hawser:hub:disconnect' follows. */
  'hawser:hub:connect': HubSocketReport;
  'hawser:hub:disconnect': HubSocketReport;
  /** A room of a hub has its first socket on this node; the room of everybody is not told of. */
  'hawser:hub:room:open': HubRoomReport;
  /** It has none any more. */
  'hawser:hub:room:close': HubRoomReport;
  /** A hub refused a message. */
  'hawser:hub:refused': HubRefusalReport;
}

export type ChannelName = keyof ChannelMessages;

/** A channel that carries one kind of message. */
export type ReportChannel<Name extends ChannelName> = Channel & { readonly name: Name };

function of<Name extends ChannelName>(name: Name): ReportChannel<Name> {
  return channel(name) as ReportChannel<Name>;
}

// Held here: Node would forget one that nobody holds, and its subscribers with it.
export const handshakeStart = of('hawser:handshake:start');
export const handshakeEnd = of('hawser:handshake:end');
export const handshakeRefused = of('hawser:handshake:refused');
export const open = of('hawser:open');
export const close = of('hawser:close');
export const messageIn = of('hawser:message:in');
export const messageOut = of('hawser:message:out');
export const pingLatency = of('hawser:ping:latency');
export const backPressure = of('hawser:backpressure');
export const drain = of('hawser:drain');
export const limit = of('hawser:limit');
export const error = of('hawser:error');
export const hubConnect = of('hawser:hub:connect');
export const hubDisconnect = of('hawser:hub:disconnect');
export const hubRoomOpen = of('hawser:hub:room:open');
export const hubRoomClose = of('hawser:hub:room:close');
export const hubRefused = of('hawser:hub:refused');

/** Publishes a message of the channel's kind; whoever calls has asked for `hasSubscribers` first. */
export function publish<Name extends ChannelName>(
  to: ReportChannel<Name>,
  message: ChannelMessages[Name],
): void {
  to.publish(message);
}
