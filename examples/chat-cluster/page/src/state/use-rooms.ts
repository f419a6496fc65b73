import type { HubClient } from 'hawser/client';
import { useHubEvent } from 'hawser/react';
import { type Dispatch, useCallback, useEffect, useReducer } from 'react';
import {
  type Chat,
  type Draft,
  isRoom,
  type Person,
  type Presence,
  ROOMS,
  type RoomName,
} from '../../../shared/chat.mts';
import { initialRooms, type Rooms, type RoomsAction, reduceRooms } from './rooms.ts';
import { useTyping } from './use-typing.ts';

/** How often the list of people is read anew: those of a node that died leave without a word. */
const REFRESH_MS = 15_000;

export interface UseRooms {
  readonly rooms: Rooms;
  select(room: RoomName): void;
  leave(room: RoomName): void;
  say(text: string): void;
  retry(draft: Draft): void;
  discard(draft: Draft): void;
  /** Tells the others in the room whether somebody writes here. */
  setTyping(isTyping: boolean): void;
}

/** Follows the rooms that the page is in. */
export function useRooms(client: HubClient<Chat> | null): UseRooms {
  const [rooms, dispatch] = useReducer(reduceRooms, ROOMS[0], initialRooms);
  const { active } = rooms;

  useEffect(() => {
    // Where that is not allowed, or the client is closed, the room stays empty.
    client?.join(active).catch(() => {});
  }, [client, active]);
  const readHistory = (room: string): void => {
    if (!isRoom(room)) return;
    client
      ?.request('history', room)
      .then((messages) => dispatch({ type: 'history', room, messages }), ignore);
  };
  const readPeople = useReadPeople(client, dispatch);

  useHubEvent(client, 'joined', ({ room }) => {
    readHistory(room);
    readPeople(room);
  });
  // What was said meanwhile, the hub has sent; who came and who went, nobody has told.
  useHubEvent(client, 'connected', () => {
    for (const room of client?.rooms ?? []) {
      readPeople(room);
      if (isRoom(room) && !rooms.joined[room]?.hasHistory) readHistory(room);
    }
  });
  useHubEvent(client, 'gap', ({ room }) => {
    if (isRoom(room)) dispatch({ type: 'gap', room });
    readHistory(room);
  });
  useHubEvent(client, 'left', ({ room }) => {
    if (isRoom(room)) dispatch({ type: 'left', room });
  });
  useHubEvent(client, 'said', (message, { room }) => {
    if (isRoom(room)) dispatch({ type: 'said', room, message });
  });
  useHubEvent(client, 'presence', ({ room, joined = [], left = [] }) => {
    if (isRoom(room)) dispatch({ type: 'presence', room, joined: joined.map(asPerson), left });
  });
  const setTyping = useTyping(client, active, dispatch);

  const send = (draft: Draft): void => {
    dispatch({ type: 'drafted', draft });
    client
      ?.emit('say', draft, { reliable: true })
      .catch((error: Error) => dispatch({ type: 'failed', draft, problem: error.message }));
  };
  return {
    rooms,
    select: (room) => dispatch({ type: 'select', room }),
    leave: (room) => void client?.leave(room).catch(() => {}),
    say: (text) => send({ id: crypto.randomUUID(), room: active, text }),
    retry: send,
    discard: (draft) => dispatch({ type: 'discarded', draft }),
    setTyping,
  };
}

/** Reads who is in a room, and returns what does so; now and then it does by itself. */
function useReadPeople(
  client: HubClient<Chat> | null,
  dispatch: Dispatch<RoomsAction>,
): (room: string) => void {
  const read = useCallback(
    (room: string) => {
      if (!isRoom(room)) return;
      dispatch({ type: 'asked for people', room });
      client
        ?.members(room)
        .then((members) => dispatch({ type: 'people', room, people: members.map(asPerson) }), ignore);
    },
    [client, dispatch],
  );
  useEffect(() => {
    const timer = setInterval(() => client?.state === 'connected' && client.rooms.forEach(read), REFRESH_MS);
    return () => clearInterval(timer);
  }, [client, read]);
  return read;
}

/** The connection broke: the next one asks again. */
function ignore(): void {}

function asPerson({ id, info }: { readonly id: string; readonly info: unknown }): Person {
  return { id, ...(info as Presence) };
}
