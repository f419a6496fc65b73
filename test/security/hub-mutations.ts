import type { Mutation } from './mutation.ts';

/** Of what stands against clients of the hub. */
export const HUB_MUTATIONS: readonly Mutation[] = [
  {
    row: 23,
    undoes: 'handlers that nobody inherits',
    file: 'hub/handlers.ts',
    edits: [
      [
        'const registered = this.#registered.get(type);',
        'const registered = this.#registered.get(type) ?? (({}) as Record<string, never>)[type];',
      ],
    ],
  },
  {
    row: 23,
    undoes: 'rooms that are members of their own',
    file: 'hub/membership.ts',
    edits: [
      [
        'rooms: Object.fromEntries(back.map(({ name, offset, gap }) => [name, { offset, gap }])),',
        'rooms: back.reduce((all: never, { name, offset, gap }) => Object.assign(all, Reflect.set(all, name, { offset, gap }) && {}), {} as never),',
      ],
    ],
  },
  {
    row: 23,
    undoes: 'types of the protocol alone',
    file: 'wire/event-type.ts',
    edits: [['if (isType(type) && !isProtocolType(type)) return;', 'if (isType(type)) return;']],
  },
  {
    row: 24,
    undoes: 'going on after what is no message',
    file: 'hub/peer.ts',
    edits: [
      [
        'if (!this.#badMessages.take(1, performance.now()))',
        'if (this.#badMessages.take(1, performance.now()))',
      ],
    ],
  },
  {
    row: 24,
    undoes: 'the limit of depth',
    file: 'wire/message.ts',
    edits: [["if (isDeeperThan(text, maxDepth)) throw new HubError('TOO_DEEP');", 'void maxDepth;']],
  },
  {
    row: 24,
    undoes: 'the limit of a message',
    file: 'hub/hub.ts',
    edits: [['      maxPayload: limits.messageBytes,\n', '']],
  },
  {
    row: 24,
    undoes: 'the id of an answer',
    file: 'wire/pending-requests.ts',
    edits: [
      [
        'const pending = this.#pending.get(id);',
        'const pending = this.#pending.get(id) ?? [...this.#pending.values()][0];',
      ],
    ],
  },
  {
    row: 24,
    undoes: 'the limit of requests that wait',
    file: 'wire/pending-requests.ts',
    edits: [
      ["if (this.#pending.size >= this.#limit) return Promise.reject(new HubError('TOO_MANY_PENDING'));", ''],
    ],
  },
  {
    row: 24,
    undoes: 'the count of bad messages',
    file: 'hub/conversation.ts',
    edits: [['if (BAD.has(error.code)) this.#peer.countBad();', '']],
  },
  {
    row: 24,
    undoes: 'the 64 bits of a place',
    file: 'wire/offset.ts',
    edits: [['partsOf(value).every((part) => compareNumerals(part, MAX_NUMERAL) <= 0)', 'true']],
  },
  {
    row: 24,
    undoes: 'care for the last place of all',
    file: 'redis/stream-log.ts',
    edits: [['if (offset === LAST) return', 'if (offset === "") return']],
  },
  {
    row: 25,
    undoes: 'the origin of the hub itself',
    file: 'hub/hub.ts',
    edits: [["origins: options.origins ?? 'same-origin',", "origins: options.origins ?? 'any',"]],
  },
  {
    row: 25,
    undoes: 'the origins that are named',
    file: 'hub/hub.ts',
    edits: [["origins: options.origins ?? 'same-origin',", "origins: 'same-origin',"]],
  },
  {
    row: 26,
    undoes: 'rooms that are closed by default',
    file: 'hub/conversation.ts',
    edits: [['(await this.#namespace.options.authorizeJoin?.(socket, room)) ?? false;', 'true;']],
  },
  {
    row: 26,
    undoes: 'the wish for a plain true',
    file: 'hub/conversation.ts',
    edits: [
      [
        "if (allowed !== true) throw new HubError('FORBIDDEN');",
        "if (!allowed) throw new HubError('FORBIDDEN');",
      ],
    ],
  },
  {
    row: 26,
    undoes: 'the refusal where the application fails',
    file: 'hub/conversation.ts',
    edits: [
      [
        '(await this.#namespace.options.authorizeJoin?.(socket, room)) ?? false;',
        '(await (this.#namespace.options.authorizeJoin?.(socket, room) as Promise<boolean>)?.catch?.(() => true)) ?? false;',
      ],
    ],
  },
  {
    row: 26,
    undoes: 'sessions of one namespace',
    file: 'hub/conversation.ts',
    edits: [['identityOf(path, options', "identityOf('', options"]],
  },
  {
    row: 26,
    undoes: 'the place in the log at which a client came',
    file: 'hub/membership.ts',
    edits: [['later(offsets.get(name) ?? joinedAt, joinedAt)', 'offsets.get(name) ?? joinedAt']],
  },
  {
    row: 27,
    undoes: 'the refusal of those who wait as it drains',
    file: 'api/websocket-server.ts',
    edits: [['    this.#pending.refuseAll();\n', '']],
  },
  {
    row: 27,
    undoes: 'the limits of an address',
    file: 'hub/hub.ts',
    edits: [['onceClosed(request.socket, this.#admission.enter(address));', 'void this.#admission;']],
  },
  {
    row: 27,
    undoes: 'the time for $hello, and of an authorization',
    file: 'hub/conversation.ts',
    edits: [['else this.#peer.close(close);', 'else void close;']],
  },
  {
    row: 27,
    undoes: 'the limit of rooms',
    file: 'hub/membership.ts',
    edits: [["if (this.#names.size >= this.#limit) throw new HubError('TOO_MANY_ROOMS');", '']],
  },
  {
    row: 27,
    undoes: 'the names of proxies',
    file: 'hub/guards/client-address.ts',
    edits: [['while (this.#isTrusted(address)) {', 'while (hops.length > 0) {']],
  },
  {
    row: 27,
    undoes: 'the end of who reads nothing',
    file: 'hub/hub.ts',
    edits: [["slowPeer: options.slowPeer ?? 'close',", "slowPeer: 'wait',"]],
  },
  {
    row: 36,
    undoes: 'half of the bits',
    file: 'hub/session.ts',
    edits: [['const ID_BYTES = 16;', 'const ID_BYTES = 8;']],
  },
  {
    row: 36,
    undoes: 'whose a session is',
    file: 'hub/memory-adapter.ts',
    edits: [
      ['if (record?.identity !== identity) return undefined;', 'if (record === undefined) return undefined;'],
    ],
  },
  {
    row: 36,
    undoes: 'what the application tells its clients apart by',
    file: 'hub/conversation.ts',
    edits: [['options.identify?.(this.#context) ?? this.#context', 'this.#context']],
  },
  {
    row: 36,
    undoes: 'the hash of what a client shows',
    file: 'hub/session.ts',
    edits: [['this.#secret = hash(token);', 'this.#secret = token;']],
  },
];
