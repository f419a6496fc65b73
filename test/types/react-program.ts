// What the types of hawser/react infer from the contract that a hub and its clients share, and what they refuse. It is
// type-checked with the rest of this repository, and by test/package/typescript.test.ts against the packed Hawser.
import { useHub, useHubEvent, useWebSocket } from '../../src/react/index.ts';

type Chat = {
  client: { say: (data: { text: string }) => { id: string }; typing: (data: boolean) => void };
  server: {
    said: (data: { from: string; text: string }) => void;
    confirm: (data: string) => boolean;
  };
};

/** A component, as far as the hooks go. */
export function useRoom(url: string | null) {
  const { client, status } = useHub<Chat>(url);
  useHubEvent(client, 'said', ({ from, text }, { room }) => {
    const words: [string, string, string | undefined] = [from, text, room];
    return words;
  });
  useHubEvent(client, 'confirm', async (question) => question.length > 0);
  useHubEvent(client, 'connected', ({ resumed }) => {
    const isResumed: boolean = resumed;
    return isResumed;
  });
  useHubEvent(client, 'gap', ({ room }) => room.length);
  // @ts-expect-error There is no such event.
  useHubEvent(client, 'sung', () => {});
  // @ts-expect-error What a client sends is nothing that it hears.
  useHubEvent(client, 'typing', () => {});
  // @ts-expect-error The answer is a boolean.
  useHubEvent(client, 'confirm', () => 'yes');
  // @ts-expect-error The data has no such member.
  useHubEvent(client, 'said', ({ subject }) => subject);
  // @ts-expect-error It has to be asked whether there is a client.
  client.emit('typing', true);
  const reply: Promise<{ id: string }> | undefined = client?.request('say', { text: 'a' });
  // @ts-expect-error The data is an object.
  client?.emit('say', 'a');
  const { lastMessage, send } = useWebSocket(url, { onClose: ({ code }) => code.toFixed() });
  // @ts-expect-error It has to be looked at before it is used.
  send(lastMessage.text);
  return { status, reply };
}
