import type { HubClient } from 'hawser/client';
import { useHubEvent } from 'hawser/react';
import { type Dispatch, useEffect, useRef } from 'react';
import { type Chat, isRoom, type Person, type RoomName } from '../../../shared/chat.mts';
import type { RoomsAction } from './rooms.ts';

/** How often somebody who goes on writing says so. */
const REPEAT_MS = 3_000;
/** How long somebody counts as writing who said so: the word that they stopped may be lost. */
const FORGET_MS = 2 * REPEAT_MS;

/** Shows who is writing, and returns what tells the others of oneself. */
export function useTyping(
  client: HubClient<Chat> | null,
  room: RoomName,
  dispatch: Dispatch<RoomsAction>,
): (isTyping: boolean) => void {
  const forgetting = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const told = useRef<{ room: RoomName; at: number } | undefined>(undefined);

  useHubEvent(client, 'typing', ({ isTyping, ...person }, context) => {
    if (isRoom(context.room)) show(context.room, person, isTyping);
  });
  useEffect(() => {
    const timers = forgetting.current;
    return () => {
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, []);

  function show(where: RoomName, person: Person, isTyping: boolean): void {
    const key = `${where} ${person.id}`;
    clearTimeout(forgetting.current.get(key));
    forgetting.current.delete(key);
    if (isTyping)
      forgetting.current.set(
        key,
        setTimeout(() => show(where, person, false), FORGET_MS),
      );
    dispatch({ type: 'typing', room: where, person, isTyping });
  }

  return (isTyping) => {
    // It is not worth waiting for a connection.
    if (client?.state !== 'connected') return;
    const now = performance.now();
    const last = told.current?.room === room ? told.current : undefined;
    const isKnown = isTyping ? last !== undefined && now - last.at < REPEAT_MS : last === undefined;
    if (isKnown) return;
    client.emit('typing', { room, isTyping });
    told.current = isTyping ? { room, at: now } : undefined;
  };
}
