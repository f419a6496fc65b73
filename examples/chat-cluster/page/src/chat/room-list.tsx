import { useEffect, useRef } from 'react';
import { ROOMS, type RoomName } from '../../../shared/chat.mts';
import { ROOM_TITLES } from '../room-titles.ts';
import type { Rooms } from '../state/rooms.ts';

export interface RoomListProps {
  readonly rooms: Rooms;
  onSelect(room: RoomName): void;
}

export function RoomList({ rooms, onSelect }: RoomListProps) {
  const { active } = rooms;
  const list = useRef<HTMLUListElement>(null);
  // On a phone the rooms are a row that is longer than the screen.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);

  return (
    <nav className="rooms" aria-labelledby="rooms-title">
      <h2 id="rooms-title">Rooms</h2>
      <ul ref={list}>
        {ROOMS.map((name) => {
          const room = rooms.joined[name];
          return (
            <li key={name}>
              <button
                type="button"
                className="room"
                data-joined={room !== undefined}
                aria-current={name === active ? 'page' : undefined}
                onClick={() => onSelect(name)}
              >
                <span className="room-mark" aria-hidden="true">
                  #
                </span>
                <span className="room-title">{ROOM_TITLES[name].title}</span>
                {room === undefined && <span className="unseen"> (join)</span>}
                {room !== undefined && room.unread > 0 && (
                  <span className="unread">
                    {room.unread}
                    <span className="unseen"> unread</span>
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
