import { type FormEvent, useRef, useState } from 'react';
import { checkName, MAX_NAME_LENGTH } from '../../shared/checks.mts';

export interface NameFormProps {
  onName(name: string): void;
}

export function NameForm({ onName }: NameFormProps) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState('');

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const checked = checkName(input.current?.value);
    if ('value' in checked) {
      onName(checked.value);
      return;
    }
    setProblem(checked.problem);
    input.current?.focus();
  };

  return (
    <main className="welcome">
      <form className="card" noValidate onSubmit={submit}>
        <img src="/icon.svg" alt="" width="44" height="44" />
        <h1>Come aboard</h1>
        <p className="lead">
          Four rooms, two servers, one conversation. Sink one of the servers: you will miss nothing.
        </p>
        <label htmlFor="name">Your name</label>
        <input
          id="name"
          ref={input}
          // biome-ignore lint/a11y/noAutofocus: the one thing to do on this page
          autoFocus
          required
          maxLength={MAX_NAME_LENGTH}
          autoComplete="nickname"
          autoCapitalize="words"
          spellCheck={false}
          aria-invalid={problem !== ''}
          aria-describedby="name-problem"
        />
        <p id="name-problem" className="problem" role="alert">
          {problem}
        </p>
        <button className="primary" type="submit">
          Join the chat
        </button>
      </form>
    </main>
  );
}
