import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from '../../src/web/index.ts';
import { DROP_IN_DIFFERENCES } from './drop-in-differences.ts';
import { type Client, IMPLEMENTATIONS, Stage } from './drop-in-stage.ts';

type Name = keyof typeof IMPLEMENTATIONS;
type Id = (typeof DROP_IN_DIFFERENCES)[number]['id'];

interface Case {
  readonly id: Id;
  /** What is written down is what the implementations differ in. */
  run(stage: Stage): Promise<unknown>;
  readonly expected: Readonly<Record<Name, unknown>>;
}

const opened = (ws: Client) => new Promise((resolve) => ws.addEventListener('open', resolve));
const nextTask = () => new Promise((resolve) => setImmediate(resolve));

/** Both of them do one thing, and Hawser another. */
function sides(others: unknown, hawser: unknown): Record<Name, unknown> {
  return { 'reconnecting-websocket': others, partysocket: others, 'hawser/client': hawser };
}

/** One of them does what Hawser does. */
function except(
  name: Exclude<Name, 'hawser/client'>,
  other: unknown,
  hawser: unknown,
): Record<Name, unknown> {
  return { ...sides(hawser, hawser), [name]: other };
}

/** Returns what an action throws, by its name. */
function thrownBy(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).name;
  }
}

const CASES: readonly Case[] = [
  {
    id: 'lost',
    async run(stage) {
      stage.create();
      (await stage.peer(0)).terminate();
      return (await stage.seen(4)).slice(0, 4);
    },
    expected: sides(['open', 'close 1000', 'error', 'open'], ['open', 'error', 'close 1006', 'open']),
  },
  ...[1000, 1008, 4400, 4401, 4403, 4409].map(
    (code): Case => ({
      id: 'refused',
      async run(stage) {
        stage.create();
        (await stage.peer(0)).close(code);
        await stage.seen(2);
        await stage.settle();
        return stage.log;
      },
      expected: sides(['open', `close ${code}`, 'open'], ['open', `close ${code}`]),
    }),
  ),
  {
    id: 'close-without-code',
    async run(stage) {
      const ws = stage.create();
      await opened(ws);
      ws.close();
      return (await stage.got(2))[1];
    },
    expected: sides('close 1000', 'close 1005'),
  },
  {
    id: 'close-code',
    async run(stage) {
      const ws = stage.create();
      const early = thrownBy(() => ws.close(1001));
      ws.reconnect();
      await opened(ws);
      return [early, thrownBy(() => ws.close(1001)), thrownBy(() => ws.close(3000, 'r'.repeat(124)))];
    },
    expected: {
      'reconnecting-websocket': [undefined, 'InvalidAccessError', 'SyntaxError'],
      partysocket: [undefined, undefined, undefined],
      'hawser/client': ['InvalidAccessError', 'InvalidAccessError', 'SyntaxError'],
    },
  },
  {
    id: 'close-early',
    async run(stage) {
      stage.create({ url: () => new Promise(() => {}) }).close();
      const ws = stage.create();
      ws.onclose = () => ws.close();
      (await stage.peer(0)).close(4000);
      await stage.seen(2);
      await stage.settle();
      return stage.log;
    },
    expected: sides(['open', 'close 4000'], ['close 1006', 'open', 'close 4000', 'close 1000']),
  },
  {
    id: 'close-now',
    async run(stage) {
      const ws = stage.create();
      await opened(ws);
      ws.close();
      const now = [ws.readyState, stage.log.length];
      await stage.seen(2);
      return now;
    },
    expected: except('partysocket', [3, 2], [2, 1]),
  },
  {
    id: 'close-queue',
    async run(stage) {
      // Of partysocket, which says so where a program sends too late.
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const ws = stage.create({ options: { startClosed: true } });
      ws.send('before');
      ws.close();
      ws.reconnect();
      await opened(ws);
      ws.close();
      ws.send('behind');
      await stage.got(2);
      while (ws.readyState !== 3) await nextTask();
      ws.reconnect();
      ws.send('after');
      await stage.settle();
      warn.mockRestore();
      return stage.heard.filter((entry) => !/^c/.test(entry));
    },
    expected: sides(['before', 'behind', 'after'], ['after']),
  },
  {
    id: 'reconnect-code',
    async run(stage) {
      const ws = stage.create();
      await opened(ws);
      ws.reconnect(4001, 'r');
      const told = stage.log[1];
      await stage.got(3);
      return [told, stage.heard.find((entry) => entry.startsWith('close'))];
    },
    expected: sides(['close 4001', 'close 4001 r'], ['close 1006', 'close 4499']),
  },
  {
    id: 'after-retries',
    async run(stage) {
      let url = 'ws://127.0.0.1:9/';
      const ws = stage.create({ url: () => url, options: { maxRetries: 1 } });
      ws.addEventListener('maxRetriesReached' as 'open', () => stage.write('maxRetriesReached'));
      await stage.seen(4);
      await stage.settle();
      url = stage.url;
      ws.reconnect();
      await stage.settle();
      return stage.log.filter((entry) => !/^(error|close)/.test(entry));
    },
    expected: {
      'reconnecting-websocket': [],
      partysocket: ['open'],
      'hawser/client': ['maxRetriesReached', 'open'],
    },
  },
  {
    id: 'first-attempt',
    async run(stage) {
      const isKnown = stage.create().url !== '';
      return [isKnown, thrownBy(() => stage.create({ url: 'no URL' }).close())];
    },
    expected: sides([false, undefined], [true, 'SyntaxError']),
  },
  {
    id: 'between',
    async run(stage) {
      const ws = stage.create();
      const states: number[] = [];
      ws.onclose = () => states.push(ws.readyState);
      (await stage.peer(0)).close(4000);
      await stage.seen(3);
      ws.reconnect();
      return [...states, ws.readyState];
    },
    expected: sides([3, 2, 2], [0, 0, 0]),
  },
  {
    id: 'queue-bound',
    async run(stage) {
      const ws = stage.create({ options: { maxEnqueuedMessages: 1 } });
      ws.send('a');
      const thrown = thrownBy(() => ws.send('b'));
      await opened(ws);
      ws.send('c');
      return [thrown, (await stage.got(3)).slice(1)];
    },
    expected: sides([undefined, ['a', 'c']], ['QuotaExceededError', ['a', 'c']]),
  },
  {
    id: 'queue-copy',
    async run(stage) {
      const ws = stage.create();
      const bytes = Uint8Array.of(1);
      ws.send(bytes);
      bytes[0] = 2;
      return (await stage.got(2))[1];
    },
    expected: sides('bytes 02', 'bytes 01'),
  },
  {
    id: 'buffered',
    async run(stage) {
      const ws = stage.create();
      ws.send('aä€😀');
      return ws.bufferedAmount;
    },
    expected: sides(5, 10),
  },
  {
    id: 'send-result',
    async run(stage) {
      const ws = stage.create();
      const early = ws.send('early');
      await opened(ws);
      return [early, ws.send('late'), 'drainQueuedMessages' in ws];
    },
    expected: except('partysocket', [false, true, true], [undefined, undefined, false]),
  },
  {
    id: 'binary-type',
    async run(stage) {
      const ws = stage.create();
      ws.binaryType = 'nodebuffer';
      return ws.binaryType;
    },
    expected: sides('nodebuffer', 'blob'),
  },
  {
    id: 'protocols-function',
    async run(stage) {
      let calls = 0;
      const offered: unknown[] = [];
      class Recording extends WebSocket {
        constructor(url: string, protocols?: string | string[] | object) {
          offered.push(protocols);
          super(url, Array.isArray(protocols) ? protocols : []);
        }
      }
      stage.create({ protocols: async () => [`token-${++calls}`], options: { WebSocket: Recording } });
      (await stage.peer(0)).close(4000);
      await stage.seen(3);
      return offered;
    },
    expected: except(
      'reconnecting-websocket',
      [expect.any(Function), expect.any(Function)],
      [['token-1'], ['token-2']],
    ),
  },
  {
    id: 'listener-options',
    async run(stage) {
      const ws = stage.create();
      const log: string[] = [];
      const twice = () => log.push('twice');
      ws.addEventListener('open', twice);
      ws.addEventListener('open', twice);
      ws.addEventListener('open', () => log.push('once'), { once: true });
      ws.addEventListener('open', () => log.push('aborted'), { signal: AbortSignal.abort() });
      (await stage.peer(0)).close(4000);
      await stage.seen(3);
      await nextTask();
      return log;
    },
    expected: except(
      'reconnecting-websocket',
      ['twice', 'twice', 'once', 'aborted', 'twice', 'twice', 'once', 'aborted'],
      ['twice', 'once', 'twice'],
    ),
  },
  {
    id: 'attribute-order',
    async run(stage) {
      const ws = stage.create();
      ws.onopen = () => stage.write('attribute');
      ws.addEventListener('open', () => stage.write('listener'));
      return stage.seen(3);
    },
    expected: sides(['attribute', 'open', 'listener'], ['open', 'attribute', 'listener']),
  },
  {
    id: 'event-target',
    async run(stage) {
      const ws = stage.create();
      const isClient = new Promise((resolve) => {
        ws.onmessage = ({ target }) => resolve((target as unknown) === ws);
      });
      (await stage.peer(0)).send('x');
      return isClient;
    },
    expected: sides(false, true),
  },
  {
    id: 'retry-count',
    async run(stage) {
      const ws = stage.create();
      (await stage.peer(0)).close(4000);
      await stage.seen(3);
      await stage.settle();
      return ws.retryCount;
    },
    expected: sides(0, 1),
  },
];

describe.each(CASES)('$id', ({ run, expected }) => {
  it.each(Object.entries(IMPLEMENTATIONS))('%s', async (name, Class) => {
    expect(await run(await Stage.of(Class))).toEqual(expected[name as Name]);
  });
});

it('shows each difference', () => {
  expect([...new Set(CASES.map(({ id }) => id))]).toEqual(DROP_IN_DIFFERENCES.map(({ id }) => id));
});
