import type { IncomingMessage, Server } from 'node:http';
import { createHub, type Hub, Refused } from 'hawser/hub';
import { redisAdapter } from 'hawser/redis';
import {
  type Chat,
  isRoom,
  type Message,
  type NodeName,
  type Person,
  type Presence,
  type Receipt,
} from '../shared/chat.mts';
import { checkName } from '../shared/checks.mts';
import type { History } from './history.mts';
import { draftSchema, roomSchema, typingSchema } from './schemas.mts';

/** What is known of a visitor from the request that they came with. */
export interface Visitor {
  readonly name: string;
}

export interface ChatHubOptions {
  readonly node: NodeName;
  readonly server: Server;
  readonly redisUrl: string;
  readonly history: History;
  readonly onSaid: () => void;
}

/** Makes the chat of one node; those with the same Redis are one chat. */
export function createChatHub(options: ChatHubOptions): Hub<Chat, Visitor> {
  const { node, server, redisUrl, history } = options;
  const hub = createHub<Chat, Visitor>({
    server,
    path: '/hub',
    adapter: redisAdapter({ url: redisUrl }),
    // The proxy is on this machine, and is the only one that connects to a node.
    trustedProxies: ['127.0.0.1'],
    authorize,
    authorizeJoin: (_socket, room) => isRoom(room),
    presence: ({ context }): Presence => ({ name: context.name }),
    // People type no faster, and a proxy may have many of them at one address.
    limits: { messages: { perSecond: 10, burst: 100 }, messageBytes: 16 * 1024 },
  });

  hub.onConnection((socket) => socket.emit('node', node));

  hub.on('history', { data: roomSchema }, (room): Promise<readonly Message[]> => history.newest(room));

  hub.on('say', { data: draftSchema }, async ({ id, room, text }, socket): Promise<Receipt> => {
    const message: Message = { id, text, from: person(socket), at: Date.now() };
    // In this order: whoever comes in between has it from the history, from the room, or from both.
    await history.add(room, message).catch((error) => hub.events.emit('failure', error, undefined));
    await hub.to(room).emit('said', message);
    options.onSaid();
    return { at: message.at };
  });

  hub.on('typing', { data: typingSchema }, ({ room, isTyping }, socket) => {
    // Late it is of no use to anybody: it is not kept, and may be dropped.
    void hub
      .to(room)
      .except(socket)
      .emit('typing', { ...person(socket), isTyping }, { volatile: true });
  });

  return hub;
}

/** Who may come in. An application looks at a session's cookie or a token here; this one takes any name that is one. */
function authorize({ url = '' }: IncomingMessage): Visitor {
  const checked = checkName(new URL(url, 'http://hub.invalid').searchParams.get('name'));
  if ('problem' in checked) throw new Refused(400, { body: checked.problem });
  return { name: checked.value };
}

function person({ id, context }: { id: string; context: Visitor }): Person {
  return { id, name: context.name };
}
