import { useHub } from 'hawser/react';
import { useEffect, useRef, useState } from 'react';
import type { Chat as Contract, NodeName } from '../../../shared/chat.mts';
import { ROOM_TITLES } from '../room-titles.ts';
import { useConnection } from '../state/use-connection.ts';
import { useRooms } from '../state/use-rooms.ts';
import { Composer } from './composer.tsx';
import { ConnectionPanel } from './connection-panel.tsx';
import { MessageLog } from './message-log.tsx';
import { PeopleList } from './people-list.tsx';
import { RoomList } from './room-list.tsx';
import { TypingLine } from './typing-line.tsx';

/** Who has a chat open wants it back, however long it takes. */
const NEVER_GIVE_UP = { maxRetries: Number.POSITIVE_INFINITY };

export interface ChatProps {
  readonly name: string;
}

export function Chat({ name }: ChatProps) {
  const [chosen, setChosen] = useState<NodeName>();
  // The URL is asked for at each attempt: that is all that another node takes.
  const { client, status } = useHub<Contract>(() => hubUrl(name, chosen), NEVER_GIVE_UP);
  const connection = useConnection(client, status);
  const { rooms, select, leave, say, retry, discard, setTyping } = useRooms(client);
  const room = rooms.joined[rooms.active]!;
  const { title, topic } = ROOM_TITLES[rooms.active];
  useTitle(
    title,
    Object.values(rooms.joined).reduce((sum, { unread }) => sum + unread, 0),
  );

  const asked = useRef(chosen);
  useEffect(() => {
    if (asked.current === chosen) return;
    asked.current = chosen;
    client?.reconnect();
  }, [client, chosen]);

  const waiting = Object.values(rooms.joined).flatMap(({ pending }) =>
    pending.filter(({ problem }) => problem === undefined),
  ).length;
  return (
    <div className="ship">
      <aside className="side">
        <h1 className="brand">
          <img src="/icon.svg" alt="" width="32" height="32" /> Hawser
        </h1>
        <RoomList rooms={rooms} onSelect={select} />
        <ConnectionPanel
          connection={connection}
          waiting={waiting}
          chosen={chosen}
          onChoose={setChosen}
          onReconnect={() => client?.reconnect()}
        />
      </aside>
      <main className="talk">
        <header className="room-head">
          <div>
            <h2>{title}</h2>
            <p className="topic">{topic}</p>
          </div>
          <button
            className="quiet"
            type="button"
            disabled={Object.keys(rooms.joined).length === 1}
            onClick={() => leave(rooms.active)}
          >
            Leave<span className="unseen"> {title}</span>
          </button>
        </header>
        <MessageLog
          // Another room is another log: nothing of it is news to a screen reader.
          key={rooms.active}
          title={title}
          room={room}
          me={client?.id}
          isConnected={status === 'connected'}
          onRetry={retry}
          onDiscard={discard}
        />
        <TypingLine people={room.typing} />
        <Composer
          key={`${rooms.active} composer`}
          name={name}
          title={title}
          isConnected={status === 'connected'}
          onSay={say}
          onTyping={setTyping}
        />
      </main>
      <PeopleList people={room.people} me={client?.id} />
    </div>
  );
}

function hubUrl(name: string, node: NodeName | undefined): string {
  const url = new URL('/hub', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('name', name);
  if (node !== undefined) url.searchParams.set('node', node);
  return url.href;
}

function useTitle(room: string, unread: number): void {
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${room} · Hawser cluster chat`;
  }, [room, unread]);
}
