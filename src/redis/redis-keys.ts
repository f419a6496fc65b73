/** What would end the part of a key that its place in a cluster is worked out from, and what UTF-8 has no bytes for. */
const UNSAFE = /[%{}\ud800-\udfff]/g;

/** The names of what is kept of one room: they are together on one server of a cluster. */
export interface RoomKeys {
  /** The stream of messages. */
  readonly log: string;
  /** The place behind the newest message. */
  readonly head: string;
  /** The place where the room was emptied for the last time. */
  readonly emptied: string;
  /** Hash of the sockets that are members. */
  readonly members: string;
  readonly channel: string;
}

/** Names keys and channels. */
export class RedisKeys {
  /** The nodes that live, by the time until which they are believed to. */
  readonly nodes: string;
  /** The nodes that may have taken messages with them, by the time until which that is to be known. */
  readonly lostNodes: string;
  /** What is asked of all nodes. */
  readonly allNodes: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.nodes = `${prefix}:{nodes}`;
    this.lostNodes = `${this.nodes}:lost`;
    this.allNodes = `${this.nodes}:all`;
  }

  /** The channel of what is meant for one node. */
  node(id: string): string {
    return `${this.nodes}:${id}`;
  }

  room(room: string): RoomKeys {
    const tagged = this.#tagged(room);
    return {
      log: `${tagged}:log`,
      head: `${tagged}:head`,
      emptied: `${tagged}:emptied`,
      members: `${tagged}:members`,
      channel: `${tagged}:live`,
    };
  }

  /** The number of the last message that a node put into a room's log. */
  seen(room: string, nodeId: string): string {
    return `${this.#tagged(room)}:seen:${nodeId}`;
  }

  session(secret: string): string {
    return `${this.#prefix}:session:${secret}`;
  }

  answer(socketId: string, key: string): string {
    return `${this.#prefix}:answer:${socketId}:${key}`;
  }

  #tagged(room: string): string {
    const tag = room.replace(UNSAFE, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return `${this.#prefix}:{${tag}}`;
  }
}
