// What the types of hawser/hub say of one contract for both ends, and what they refuse. It is type-checked with the rest of
// this repository, and by test/package/typescript.test.ts against the packed Hawser.
import {
  createHub,
  type DataOf,
  HubCloseCode,
  HubError,
  memoryAdapter,
  Refused,
  type ReplyTo,
  type StandardSchema,
  tokenOf,
} from '../../src/hub/index.ts';

/** The one type that the hub and its clients share. */
type Chat = {
  client: {
    say: (data: { text: string }) => { id: string };
    typing: (data: boolean) => void;
    leave: () => void;
  };
  server: {
    said: (data: { from: string; text: string }) => void;
    confirm: (data: string) => boolean;
    bye: () => void;
  };
};

interface User {
  readonly name: string;
}

const hub = createHub<Chat, User>({
  port: 0,
  adapter: memoryAdapter(),
  authorize: async (request) => (tokenOf(request, { query: 'token' }) ? { name: 'ann' } : new Refused(401)),
  authorizeJoin: (socket, room) => room === socket.id,
  expiresAt: ({ name }) => name.length,
  identify: (user) => user.name,
  limits: { messages: { perSecond: 10, burst: 20 } },
  origins: ['https://example.com'],
});

// A handler knows its data, its socket's context and what it has to answer.
hub.on('say', async ({ text }, socket) => {
  const name: string = socket.context.name;
  await hub.to('lobby').except(socket).emit('said', { from: name, text: text.trim() });
  const confirmed: boolean = await socket.request('confirm', 'sure?', { timeoutMs: 1_000 });
  if (!confirmed) throw new HubError('NOT_CONFIRMED', 'it was not', { text });
  await socket.request('bye');
  return { id: socket.id };
});
hub.on('typing', (isTyping) => {
  const typed: boolean = isTyping;
  console.log(typed);
});
hub.on('leave', (_nothing, socket) => socket.leave('lobby'));
// @ts-expect-error There is no such event.
hub.on('shout', () => {});
// @ts-expect-error It has to answer with an id.
hub.on('say', () => ({ identity: 1 }));
// @ts-expect-error What the hub sends is nothing that a client sends.
hub.on('said', () => {});

// What the hub sends is as the contract has it.
hub.emit('said', { from: 'a', text: 'b' }, { volatile: true });
hub.in('lobby').emit('bye');
for (const socket of hub.in('lobby').sockets()) socket.emit('said', { from: socket.context.name, text: '' });
// @ts-expect-error It has no text.
hub.emit('said', { from: 'a' });
// @ts-expect-error It needs data.
hub.to('lobby').emit('said');
// @ts-expect-error Clients send that.
hub.emit('typing', true);

// A schema says what the data is, whatever the contract says.
const schema: StandardSchema<unknown, { readonly text: string; readonly tags: readonly string[] }> = null!;
hub.on('say', { data: schema }, ({ text, tags }, { context }) => ({ id: text + tags.length + context.name }));

hub.on('typing', { data: schema }, ({ text }) => console.log(text.trim()));
hub.on('say', { data: schema }, async () => {
  await hub.to('lobby').emit('bye');
  return { id: 'later' };
});
// @ts-expect-error It has to answer with an id, also where a schema says what the data is.
hub.on('say', { data: schema }, ({ text }) => ({ identity: text }));
// @ts-expect-error The same later.
hub.on('say', { data: schema }, async ({ text }) => text);
// @ts-expect-error It has to answer.
hub.on('say', { data: schema }, () => {});
// @ts-expect-error There is no such event, with a schema or without.
hub.on('shout', { data: schema }, () => {});

// Connections come with the request, and go with a code.
hub.onConnection((socket, request) => console.log(socket.context.name, request.url, socket.latencyMs));
hub.onDisconnect((socket, { code, reason }) => console.log(socket.rooms.size, code.toFixed(), reason.trim()));
hub.events.on('refused', (error, socket, type) => console.log(error.code, socket?.id, type?.length));
hub.events.on('cluster', (report) => report.kind === 'lag' && report.lagMs.toFixed());
hub.drain({ deadlineMs: 1_000 }).then(({ closed, terminated }) => closed + terminated);
hub.sockets.get('id')?.close(HubCloseCode.FORBIDDEN);

// The context may be inferred from `authorize`, without those who are refused.
const inferred = createHub({
  noServer: true,
  authorize: async ({ url }) => (url === '/' ? new Refused(403) : { role: 'admin' as const }),
});
inferred.on('anything', (data, { context }) => {
  const role: 'admin' = context.role;
  // @ts-expect-error It has to be looked at before it is used.
  return data.length + role;
});
inferred.on('anything', { data: schema }, ({ tags }) => tags.length);

// A namespace has a contract and a context of its own.
type Admin = { client: { kick: (id: string) => boolean }; server: Record<never, never> };
hub
  .namespace<Admin, { level: number }>('/admin', { authorize: () => ({ level: 1 }) })
  .on('kick', (id, socket) => {
    hub.sockets.get(id)?.close();
    return socket.context.level > 0;
  });

// The client's end of the same contract.
export const said: DataOf<Chat['server'], 'said'> = { from: 'a', text: 'b' };
export const answered: ReplyTo<Chat['client'], 'say'> = { id: 'a' };
// @ts-expect-error It answers with nothing.
export const typed: ReplyTo<Chat['client'], 'typing'> = 1;
