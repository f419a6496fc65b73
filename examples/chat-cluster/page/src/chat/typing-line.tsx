import type { Person } from '../../../shared/chat.mts';

export interface TypingLineProps {
  readonly people: readonly Person[];
}

/** Keeps its place when nobody is writing. It is not announced: it changes too often. */
export function TypingLine({ people }: TypingLineProps) {
  return (
    <p className="typing">
      {people.length > 0 && (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {describe(people.map(({ name }) => name))}
        </>
      )}
    </p>
  );
}

function describe([first, second, ...others]: string[]): string {
  if (second === undefined) return `${first} is writing`;
  return others.length === 0 ? `${first} and ${second} are writing` : 'Several people are writing';
}
