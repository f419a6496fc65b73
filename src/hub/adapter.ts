import type { Offset } from '../wire/index.ts';

/** What may be there at once or later: an adapter within the process answers without a promise. */
export type MaybePromise<T> = T | Promise<T>;

/** A message for a room, as it goes from node to node. */
export interface RoomMessage {
  /** The room's key, from `roomKey`. */
  readonly room: string;
  /** Unique in the cluster. */
  readonly mid: string;
  readonly type: string;
  /** The data as JSON text, the bytes of a binary event, or nothing. */
  readonly body: string | Uint8Array | undefined;
  /** Ids of the sockets that do not get it. */
  readonly except: readonly string[];
  /** Whether it is kept for those who come back, and for slow readers. */
  readonly volatile: boolean;
}

/** The type of what stands in a room's log where the room was emptied; no socket gets it. */
export const EMPTIED = '$emptied';

/** A message with its place in the room's log; without one it is in no log, or not yet. */
export interface RoomEntry extends RoomMessage {
  readonly offset: Offset | undefined;
}

/** How much of a room is kept: the newest `count` messages that are not older than `ageMs`. */
export interface HistoryLimits {
  readonly count: number;
  readonly ageMs: number;
  /** The most bytes of them, where an adapter keeps them in this process. */
  readonly bytes?: number | undefined;
}

/** What follows an offset in a room's log. */
export interface RoomHistory {
  readonly entries: readonly RoomEntry[];
  /** Whether nothing is missing between the offset and the first entry. */
  readonly complete: boolean;
}

/** What is known of a client between its connections. */
export interface SessionRecord {
  /** The id of its socket, which it keeps. */
  readonly socketId: string;
  /** Whose it is: only a context of the same identity goes on with it. */
  readonly identity: string;
  /** The keys of the rooms that it is in, with the place in the log at which it came. */
  readonly rooms: Readonly<Record<string, Offset>>;
}

/** One socket's entry in the list of a room's members. */
export interface Member {
  readonly id: string;
  /** What the application tells of it. */
  readonly info: unknown;
}

/** What an adapter asks of the other nodes; the answer of each is JSON. */
export type NodeRequest =
  | { readonly kind: 'replace'; readonly socketId: string }
  | { readonly kind: 'sockets'; readonly room: string }
  | { readonly kind: 'close'; readonly room: string; readonly code: number; readonly reason: string }
  | { readonly kind: 'leave'; readonly room: string };

/** What an adapter tells of the way between the nodes. */
export type AdapterReport =
  /** The other nodes are out of reach; messages of this one wait for them. */
  | { readonly kind: 'unreachable'; readonly error: Error }
  | { readonly kind: 'reachable'; readonly downMs: number }
  /** So many messages of a room never reached its log, or other nodes. */
  | { readonly kind: 'loss'; readonly room: string; readonly messages: number | undefined }
  /** How long a message was on its way from node to node. */
  | { readonly kind: 'lag'; readonly lagMs: number };

/** What an adapter knows of the node that it works for. */
export interface AdapterNode {
  /** Unique in the cluster, and never used again. */
  readonly id: string;
  readonly history: HistoryLimits;
  /** Takes a message of a room that the node has subscribed to, its own too, in the order of the log. */
  deliver(entry: RoomEntry): void;
  /** Tells that messages of a room may have been lost for this node's sockets. */
  gap(room: string): void;
  /** Answers another node. */
  answer(request: NodeRequest): unknown;
  report(report: AdapterReport): void;
}

/** What is between the nodes of a hub: the logs of the rooms, sessions, presence. */
export interface Adapter {
  /** Joins the cluster; called once, before anything else. */
  open(node: AdapterNode): MaybePromise<void>;
  /** The node has sockets in the room from now on. */
  subscribe(room: string): MaybePromise<void>;
  /** It has none any more. */
  unsubscribe(room: string): void;
  /**
   * Puts a message in the room's log and has it delivered on each node that has subscribed. Settles when it is in the log;
   * rejects with a `HubError` UNAVAILABLE when it never will be, which has been reported then.
   */
  append(message: RoomMessage): MaybePromise<void>;
  /** The place behind the newest message. */
  head(room: string): MaybePromise<Offset>;
  entriesAfter(room: string, offset: Offset): MaybePromise<RoomHistory>;
  /** The place of the newest message of type `$emptied`, or one soon behind it; `undefined` where there is none, or the log is out of reach. */
  emptiedAt(room: string): MaybePromise<Offset | undefined>;

  /** Keeps a session for as long as this node lives, and `ageMs` longer; `secret` is what the client shows, hashed. */
  saveSession(secret: string, record: SessionRecord): MaybePromise<void>;
  /** The client is gone: the session is kept for `ageMs` more. One that another node has claimed since is left alone. */
  releaseSession(secret: string): MaybePromise<void>;
  /** Takes a session of this identity over for this node, if there is one; on another node its socket is closed. */
  claimSession(secret: string, identity: string): MaybePromise<SessionRecord | undefined>;
  dropSession(secret: string): MaybePromise<void>;
  /** Keeps the answer to a reliable event of a session. */
  saveAnswer(socketId: string, key: string, answer: string): MaybePromise<void>;
  answerTo(socketId: string, key: string): MaybePromise<string | undefined>;

  /** Lists a socket among the room's members. */
  enter(room: string, member: Member): MaybePromise<void>;
  exit(room: string, id: string): MaybePromise<void>;
  members(room: string): MaybePromise<readonly Member[]>;

  /** Asks all other nodes; those that do not answer in time are left out. */
  ask(request: NodeRequest): MaybePromise<readonly unknown[]>;
  /** Leaves the cluster. */
  close(): MaybePromise<void>;
}

/** Names a room of a namespace for adapters; a path has no `#`. */
export function roomKey(path: string, room: string): string {
  return `${path}#${room}`;
}

/** Splits what `roomKey` made. */
export function splitRoomKey(key: string): [path: string, room: string] {
  const hash = key.indexOf('#');
  return [key.slice(0, hash), key.slice(hash + 1)];
}
