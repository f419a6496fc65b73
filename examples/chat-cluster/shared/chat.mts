/** What the hub and the page send each other: one type for both ends. */
export type Chat = {
  /** What the page sends: data in, reply out. */
  client: {
    /** The newest messages of a room, the oldest of them first. */
    history: (data: RoomName) => readonly Message[];
    say: (data: Draft) => Receipt;
    typing: (data: Typing) => void;
  };
  /** What the hub sends. */
  server: {
    /** Which node this is, after each connection. */
    node: (data: NodeName) => void;
    said: (data: Message) => void;
    typing: (data: Person & Pick<Typing, 'isTyping'>) => void;
  };
};

export const NODES = ['a', 'b'] as const;
export type NodeName = (typeof NODES)[number];

export const ROOMS = ['harbour', 'galley', 'crows-nest', 'engine-room'] as const;
export type RoomName = (typeof ROOMS)[number];

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A message on its way: its author chooses the id, so that nobody shows twice what had to be sent twice. */
export interface Draft {
  readonly id: string;
  readonly room: RoomName;
  readonly text: string;
}

export interface Message {
  readonly id: string;
  readonly from: Person;
  readonly text: string;
  /** In milliseconds since 1970, by the node's clock. */
  readonly at: number;
}

export interface Receipt {
  readonly at: number;
}

export interface Typing {
  readonly room: RoomName;
  readonly isTyping: boolean;
}

/** What the hub's list of members tells of somebody. */
export type Presence = Pick<Person, 'name'>;

export function isRoom(value: unknown): value is RoomName {
  return (ROOMS as readonly unknown[]).includes(value);
}
