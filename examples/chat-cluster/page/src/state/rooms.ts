import type { Draft, Message, Person, RoomName } from '../../../shared/chat.mts';

/** A message of one's own that the hub has not confirmed. */
export interface Pending extends Draft {
  /** Why it was not taken; `undefined` while it is on its way, or waits for a connection. */
  readonly problem: string | undefined;
}

/** What the page knows of a room that it is in. */
export interface Room {
  readonly messages: readonly Message[];
  readonly pending: readonly Pending[];
  readonly people: readonly Person[];
  /** Since the list of people was asked for: it may be older than these. */
  readonly changes: readonly Change[];
  readonly typing: readonly Person[];
  readonly unread: number;
  /** Whether it is known what was said before. */
  readonly hasHistory: boolean;
  /** Whether messages were lost that the history did not have any more. */
  readonly hasGap: boolean;
}

/** Who came and who went, as the hub tells it. */
interface Change {
  readonly joined: readonly Person[];
  readonly left: readonly string[];
}

export interface Rooms {
  readonly active: RoomName;
  readonly joined: Readonly<Partial<Record<RoomName, Room>>>;
}

export type RoomsAction =
  | { readonly type: 'select'; readonly room: RoomName }
  | { readonly type: 'left'; readonly room: RoomName }
  | { readonly type: 'history'; readonly room: RoomName; readonly messages: readonly Message[] }
  | { readonly type: 'asked for people'; readonly room: RoomName }
  | { readonly type: 'people'; readonly room: RoomName; readonly people: readonly Person[] }
  | { readonly type: 'gap'; readonly room: RoomName }
  | { readonly type: 'said'; readonly room: RoomName; readonly message: Message }
  | { readonly type: 'drafted'; readonly draft: Draft }
  | { readonly type: 'failed'; readonly draft: Draft; readonly problem: string }
  | { readonly type: 'discarded'; readonly draft: Draft }
  | ({ readonly type: 'presence'; readonly room: RoomName } & Change)
  | { readonly type: 'typing'; readonly room: RoomName; readonly person: Person; readonly isTyping: boolean };

const NEW_ROOM: Room = {
  messages: [],
  pending: [],
  people: [],
  changes: [],
  typing: [],
  unread: 0,
  hasHistory: false,
  hasGap: false,
};

export function initialRooms(active: RoomName): Rooms {
  return { active, joined: { [active]: NEW_ROOM } };
}

export function reduceRooms(state: Rooms, action: RoomsAction): Rooms {
  switch (action.type) {
    case 'select': {
      const room = state.joined[action.room] ?? NEW_ROOM;
      return { active: action.room, joined: { ...state.joined, [action.room]: { ...room, unread: 0 } } };
    }
    case 'left':
      return leave(state, action.room);
    case 'drafted':
    case 'failed':
    case 'discarded':
      return change(state, action.draft.room, (room) => reducePending(room, action));
    case 'said':
      return change(state, action.room, (room) => said(room, action.message, action.room !== state.active));
    case 'history':
      return change(state, action.room, (room) => withHistory(room, action.messages));
    case 'asked for people':
      return change(state, action.room, (room) => ({ ...room, changes: [] }));
    case 'people':
      return change(state, action.room, (room) =>
        withPeople(room, room.changes.reduce(changePeople, action.people)),
      );
    case 'gap':
      return change(state, action.room, (room) => ({ ...room, hasGap: true }));
    case 'presence':
      return change(state, action.room, (room) =>
        withPeople({ ...room, changes: [...room.changes, action] }, changePeople(room.people, action)),
      );
    case 'typing':
      return change(state, action.room, (room) => ({
        ...room,
        typing: [
          ...room.typing.filter(({ id }) => id !== action.person.id),
          ...(action.isTyping ? [action.person] : []),
        ],
      }));
  }
}

/** What one leaves, one sees no more of; somewhere one is always. */
function leave(state: Rooms, room: RoomName): Rooms {
  const { [room]: _, ...joined } = state.joined;
  const [other] = Object.keys(joined) as RoomName[];
  if (other === undefined) return state;
  return state.active === room
    ? reduceRooms({ active: other, joined }, { type: 'select', room: other })
    : { ...state, joined };
}

function change(state: Rooms, name: RoomName, update: (room: Room) => Room): Rooms {
  const room = state.joined[name];
  return room === undefined ? state : { ...state, joined: { ...state.joined, [name]: update(room) } };
}

function reducePending(
  room: Room,
  action: Extract<RoomsAction, { type: 'drafted' | 'failed' | 'discarded' }>,
): Room {
  const { draft } = action;
  const others = room.pending.filter(({ id }) => id !== draft.id);
  if (action.type === 'drafted') return { ...room, pending: [...others, { ...draft, problem: undefined }] };
  // It may have come to the room all the same.
  if (action.type === 'discarded' || has(room.messages, draft.id)) return { ...room, pending: others };
  return {
    ...room,
    pending: room.pending.map((pending) =>
      pending.id === draft.id ? { ...pending, problem: action.problem } : pending,
    ),
  };
}

function said(room: Room, message: Message, isElsewhere: boolean): Room {
  // Its author may have had to send it twice.
  if (has(room.messages, message.id)) return room;
  return {
    ...room,
    messages: [...room.messages, message],
    pending: room.pending.filter(({ id }) => id !== message.id),
    typing: room.typing.filter(({ id }) => id !== message.from.id),
    unread: isElsewhere ? room.unread + 1 : 0,
  };
}

/** Puts what the history has, and the page has not, where it belongs. */
function withHistory(room: Room, history: readonly Message[]): Room {
  const messages = [...room.messages];
  for (const message of history) if (!has(messages, message.id)) messages.push(message);
  // What came from the room is in the room's own order already.
  if (messages.length > room.messages.length) messages.sort((a, b) => a.at - b.at);
  const pending = room.pending.filter(({ id }) => !has(messages, id));
  return { ...room, messages, pending, hasHistory: true };
}

function withPeople(room: Room, people: readonly Person[]): Room {
  return {
    ...room,
    people: [...people].sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1)),
    typing: room.typing.filter(({ id }) => has(people, id)),
  };
}

function changePeople(people: readonly Person[], { joined, left }: Change): readonly Person[] {
  return [...people.filter(({ id }) => !has(joined, id) && !left.includes(id)), ...joined];
}

function has(items: ReadonlyArray<{ readonly id: string }>, id: string): boolean {
  return items.some((item) => item.id === id);
}
