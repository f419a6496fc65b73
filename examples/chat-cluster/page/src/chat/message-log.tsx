import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Draft, Message } from '../../../shared/chat.mts';
import type { Pending, Room } from '../state/rooms.ts';
import { Avatar } from './avatar.tsx';

/** What somebody says within this time of what they said before, belongs to it. */
const FOLLOWS_WITHIN_MS = 3 * 60_000;
/** So near to its end the log stays there when something comes. */
const AT_END_PX = 48;

export interface MessageLogProps {
  readonly title: string;
  readonly room: Room;
  readonly me: string | undefined;
  readonly isConnected: boolean;
  onRetry(draft: Draft): void;
  onDiscard(draft: Draft): void;
}

export function MessageLog({ title, room, me, isConnected, onRetry, onDiscard }: MessageLogProps) {
  const { messages, pending, hasGap, hasHistory } = room;
  const { log, onScroll, hasNewer, goToEnd } = useEnd(messages.length + pending.length);
  return (
    <div className="log-frame">
      <div
        className="log"
        role="log"
        aria-label={`Messages in ${title}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
        tabIndex={0}
        ref={log}
        onScroll={onScroll}
      >
        {messages.length + pending.length === 0 && (hasHistory || !isConnected) && (
          <p className="empty">
            {hasHistory
              ? 'Nothing has been said here yet. Begin!'
              : 'What was said here comes with the connection'}
          </p>
        )}
        {hasGap && (
          <p className="notice">You were away for long: what was said meanwhile may be missing here.</p>
        )}
        <ol className="entries">
          {messages.map((message, index) => (
            <Entry
              key={message.id}
              message={message}
              before={messages[index - 1]}
              isMine={message.from.id === me}
            />
          ))}
          {pending.map((draft) => (
            <PendingEntry
              key={draft.id}
              draft={draft}
              isConnected={isConnected}
              onRetry={() => onRetry(draft)}
              onDiscard={() => onDiscard(draft)}
            />
          ))}
        </ol>
      </div>
      {hasNewer && (
        <button className="newer" type="button" onClick={goToEnd}>
          New messages
        </button>
      )}
    </div>
  );
}

interface EntryProps {
  readonly message: Message;
  readonly before: Message | undefined;
  readonly isMine: boolean;
}

function Entry({ message: { from, text, at }, before, isMine }: EntryProps) {
  const follows = before?.from.id === from.id && at - before.at < FOLLOWS_WITHIN_MS;
  const time = new Date(at);
  return (
    <li className={`message${isMine ? ' mine' : ''}${follows ? ' follows' : ''}`}>
      <Avatar name={from.name} />
      <p className="head">
        <span className="author">{isMine ? 'You' : from.name}</span>
        <time dateTime={time.toISOString()}>{TIME.format(time)}</time>
      </p>
      <p className="bubble">{text}</p>
    </li>
  );
}

interface PendingEntryProps {
  readonly draft: Pending;
  readonly isConnected: boolean;
  onRetry(): void;
  onDiscard(): void;
}

function PendingEntry({ draft: { text, problem }, isConnected, onRetry, onDiscard }: PendingEntryProps) {
  return (
    <li className={`message mine ${problem === undefined ? 'pending' : 'failed'}`}>
      <p className="bubble">{text}</p>
      {problem === undefined ? (
        <p className="fate">{isConnected ? 'Sending …' : 'Kept until the connection is back'}</p>
      ) : (
        <p className="fate problem">
          Not sent: {problem}
          <button className="quiet" type="button" onClick={onRetry}>
            Send again
          </button>
          <button className="quiet" type="button" onClick={onDiscard}>
            Discard
          </button>
        </p>
      )}
    </li>
  );
}

/** Keeps a log at its end while its reader is there. */
function useEnd(count: number) {
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [hasNewer, setHasNewer] = useState(false);

  const goToEnd = useCallback(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
    setHasNewer(false);
  }, []);
  const onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = log.current!;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    if (isAtEnd.current) setHasNewer(false);
  };
  useLayoutEffect(() => {
    if (isAtEnd.current) goToEnd();
    else setHasNewer(true);
  }, [count, goToEnd]);
  // An on-screen keyboard takes room away from it.
  useEffect(() => {
    const observer = new ResizeObserver(() => isAtEnd.current && goToEnd());
    observer.observe(log.current!);
    return () => observer.disconnect();
  }, [goToEnd]);
  return { log, onScroll, hasNewer, goToEnd };
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
