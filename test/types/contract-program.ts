// One contract for the hub, its clients and the hooks: what each end infers from it, to the letter, and what it refuses. It
// is type-checked with the rest of this repository, and by test/package/typescript.test.ts against the packed Hawser.
import {
  type Contract,
  type DataOf,
  HubClient,
  type HubClientEvents,
  HubError,
  ReconnectingWebSocket,
  type ReplyTo,
} from '../../src/client/index.ts';
import { createHub, type Contract as HubContract, type HubSocket, Refused } from '../../src/hub/index.ts';
import { useHub, useHubEvent } from '../../src/react/index.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where two types are the same one. */
function same<_Claim extends true>(): void {}

interface Line {
  readonly id: string;
  readonly text: string;
  readonly tags?: readonly ('new' | 'edited')[];
}

/** Interfaces will do, and so will methods, optional data, unions, bytes and promises. */
interface FromClients {
  say(data: Pick<Line, 'text'>): Promise<Line>;
  search: (query?: { readonly limit: number }) => Line[];
  upload: (bytes: Uint8Array) => number;
  vote: (choice: 'yes' | 'no') => void;
  leave: () => void;
}
interface FromHub {
  said: (line: Line) => void;
  confirm: (question: string) => boolean;
  pick: (of: readonly string[]) => string | undefined;
  bye: () => void;
}
interface Chat {
  client: FromClients;
  server: FromHub;
}

same<Same<Contract, HubContract>>();
same<Same<DataOf<FromClients, 'say'>, Pick<Line, 'text'>>>();
same<Same<DataOf<FromClients, 'search'>, { readonly limit: number } | undefined>>();
same<Same<DataOf<FromClients, 'leave'>, undefined>>();
same<Same<ReplyTo<FromClients, 'say'>, Line>>();
same<Same<ReplyTo<FromHub, 'pick'>, string | undefined>>();

// The hub's end: the context comes from `authorize`, without who is refused.
const hub = createHub<Chat, { readonly user: string; readonly isAdmin: boolean }>({
  noServer: true,
  authorize: ({ url }) => (url ? { user: url, isAdmin: false } : new Refused(401, { body: 'who?' })),
  authorizeJoin: ({ context }, room) => context.isAdmin || room !== 'staff',
});
hub.on('say', async (data, socket) => {
  same<Same<typeof data, Pick<Line, 'text'>>>();
  same<Same<typeof socket.context, { readonly user: string; readonly isAdmin: boolean }>>();
  const isSure = await socket.request('confirm', 'sure?');
  same<Same<typeof isSure, boolean>>();
  const picked = await socket.request('pick', ['a'], { timeoutMs: 10 });
  same<Same<typeof picked, string | undefined>>();
  const line: Line = { id: socket.id, text: data.text, tags: ['new'] };
  await hub.to('lobby').except(socket).emit('said', line);
  return line;
});
hub.on('search', (query) => {
  same<Same<typeof query, { readonly limit: number } | undefined>>();
  return [];
});
hub.on('upload', (bytes) => bytes.byteLength);
hub.on('vote', (choice) => {
  same<Same<typeof choice, 'yes' | 'no'>>();
});
// @ts-expect-error A vote that nobody can cast.
hub.on('vote', (choice: 'perhaps') => choice);
// @ts-expect-error It has to answer with a number.
hub.on('upload', (bytes) => bytes);
// @ts-expect-error There is no such tag.
hub.emit('said', { id: '1', text: 'a', tags: ['old'] });
/** A function of the application's own knows a socket by its contract and context. */
export function promote(socket: HubSocket<Chat, { user: string; isAdmin: boolean }>): string {
  socket.emit('bye');
  return socket.context.user;
}

// Where the context is inferred, it is known to what decides by it.
createHub({
  noServer: true,
  authorize: async () => ({ level: 1 }),
  authorizeJoin: ({ context }, room) => {
    same<Same<typeof context, { level: number }>>();
    return context.level > room.length;
  },
  presence: ({ context }) => context.level,
});

// The client's end.
const client = new HubClient<Chat>(async () => 'wss://localhost/', {
  queue: { overflow: 'drop-oldest' },
  heartbeat: { intervalMs: 1_000 },
  protocols: async () => ['token'],
});
const stop: () => void = client.on('said', (line, { room }) => {
  same<Same<typeof line, Line>>();
  same<Same<typeof room, string | undefined>>();
});
client.on('confirm', (question) => question.endsWith('?'));
client.on('pick', async (of) => of.at(-1));
client.on('bye', stop);
client.on('disconnected', ({ code, willReconnect }) => [code.toFixed(), willReconnect === true]);
client.on('refused', (error) => {
  same<Same<typeof error, HubError>>();
});
const line = client.request('say', { text: 'a' }, { timeoutMs: 1_000, signal: new AbortController().signal });
same<Same<typeof line, Promise<Line>>>();
const found = client.request('search');
same<Same<typeof found, Promise<Line[]>>>();
client.request('search', { limit: 1 }, { timeoutMs: 1_000 });
const sent = client.emit('vote', 'yes');
same<Same<typeof sent, void>>();
const handled = client.emit('upload', new Uint8Array(1), { reliable: true });
same<Same<typeof handled, Promise<number>>>();
client.emit('leave');
handled.catch((error: unknown) => (error instanceof HubError ? error.code : undefined));
// @ts-expect-error It needs data.
client.request('say');
// @ts-expect-error No such choice.
client.emit('vote', 'perhaps');
// @ts-expect-error It has no data.
client.emit('leave', 1);
// @ts-expect-error The hub sends that.
client.emit('said', { id: '1', text: 'a' });
// @ts-expect-error The answer is a boolean.
client.on('confirm', () => 'yes');

// The hooks' end.
export function useLines(url: string | (() => Promise<string>) | null) {
  const { client: held } = useHub<Chat>(url, { maxRetries: 3 });
  same<Same<typeof held, HubClient<Chat> | null>>();
  useHubEvent(held, 'said', (data, context) => {
    same<Same<typeof data, Line>>();
    same<Same<typeof context.room, string | undefined>>();
  });
  useHubEvent(held, 'latency', (event) => {
    same<Same<typeof event, HubClientEvents['latency']>>();
  });
  // @ts-expect-error It has no such member.
  useHubEvent(held, 'said', ({ author }) => author);
  return held?.request('search');
}

/** What a library writes that knows only that there is a contract. */
export function counted<C extends Contract>(of: HubClient<C>): () => void {
  let lost = 0;
  return of.on('disconnected', () => ++lost);
}
counted(client);

// Without a hub: JSON messages by their type.
const ws = new ReconnectingWebSocket<{ chat: { text: string }; tick: { at: number } }>('wss://localhost/');
ws.on('chat', (message) => {
  same<Same<typeof message, { text: string } & { readonly type: 'chat' }>>();
});
ws.on('reconnecting', ({ attempt }) => attempt.toFixed());
ws.addEventListener(
  'close',
  { handleEvent: ({ code, wasClean }) => [code.toFixed(), wasClean] },
  { once: true },
);
ws.onmessage = ({ data }) => console.log(data);
// @ts-expect-error There is no such message.
ws.on('tock', () => {});
// @ts-expect-error The standard has two of them.
ws.binaryType = 'nodebuffer';
