import { useState } from 'react';
import { Chat } from './chat/chat.tsx';
import { NameForm } from './name-form.tsx';

/** Who has no name yet, is asked for one. */
export function App() {
  const [name, setName] = useState<string>();
  return name === undefined ? <NameForm onName={setName} /> : <Chat name={name} />;
}
