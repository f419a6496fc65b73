import { type FormEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { MAX_TEXT_LENGTH } from '../../../shared/checks.mts';

/** From how many characters before the end on one is told how many are left. */
const NEARLY_FULL = 100;

export interface ComposerProps {
  readonly name: string;
  /** Of the room. */
  readonly title: string;
  readonly isConnected: boolean;
  onSay(text: string): void;
  onTyping(isTyping: boolean): void;
}

export function Composer({ name, title, isConnected, onSay, onTyping }: ComposerProps) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const isBlank = text.trim() === '';
  const left = MAX_TEXT_LENGTH - text.length;
  // Here is what one came for; on a touch screen it would bring up the keyboard unasked. At once, so that no key gets lost.
  useLayoutEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);

  const write = (next: string): void => {
    setText(next);
    onTyping(next.trim() !== '');
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isBlank) return;
    onSay(text.trim());
    write('');
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // While an input method is open, Enter is for that.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  };

  return (
    <form className="composer" onSubmit={submit}>
      <label className="unseen" htmlFor="text">
        Message to {title} as {name}
      </label>
      <textarea
        id="text"
        ref={field}
        rows={1}
        maxLength={MAX_TEXT_LENGTH}
        placeholder={`Message to ${title}`}
        enterKeyHint="send"
        autoComplete="off"
        aria-describedby="hint left"
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => onTyping(false)}
      />
      <button className="primary send" type="submit" disabled={isBlank}>
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
          <path d="M4 12 20 4l-4 16-4.5-6.5z M11.5 13.5 20 4" />
        </svg>
        <span>Send</span>
      </button>
      <p className="under">
        <span id="hint" className="hint">
          {isConnected
            ? 'Enter sends, Shift + Enter begins a new line'
            : 'Write on: it is sent when the connection is back'}
        </span>
        <span id="left" role="status">
          {left < NEARLY_FULL ? `${left} characters left` : ''}
        </span>
      </p>
    </form>
  );
}
