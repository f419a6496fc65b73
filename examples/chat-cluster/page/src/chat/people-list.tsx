import type { Person } from '../../../shared/chat.mts';
import { Avatar } from './avatar.tsx';

export interface PeopleListProps {
  readonly people: readonly Person[];
  readonly me: string | undefined;
}

export function PeopleList({ people, me }: PeopleListProps) {
  return (
    <aside
      className="people"
      aria-labelledby="people-title"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
      tabIndex={0}
    >
      <h2 id="people-title">
        Here now <span className="count">{people.length}</span>
      </h2>
      <ul>
        {people.map(({ id, name }) => (
          <li key={id} className="person">
            <Avatar name={name} />
            <span className="person-name">{name}</span>
            {id === me && <span className="you">you</span>}
          </li>
        ))}
      </ul>
    </aside>
  );
}
