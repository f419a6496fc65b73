import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { connectAll } from '../../src/redis/connect-all.ts';

class FakeClient extends EventEmitter {
  ended = 0;

  constructor(readonly fault?: Error) {
    super();
  }

  connect(): Promise<unknown> {
    return this.fault === undefined ? Promise.resolve() : Promise.reject(this.fault);
  }
}

const end = (client: FakeClient): void => {
  client.ended++;
};

function setUp(...clients: FakeClient[]) {
  const lost: Error[] = [];
  const connected = connectAll(clients, { onLost: (error: Error) => lost.push(error) } as never, end);
  return { lost, connected };
}

describe('connectAll', () => {
  it('returns what ends all of them, and ends none before', async () => {
    const clients = [new FakeClient(), new FakeClient()];
    const destroy = await setUp(...clients).connected;
    expect(clients.map(({ ended }) => ended)).toEqual([0, 0]);
    destroy();
    expect(clients.map(({ ended }) => ended)).toEqual([1, 1]);
  });

  it('ends all of them when one does not connect', async () => {
    const clients = [new FakeClient(), new FakeClient(new Error('refused'))];
    await expect(setUp(...clients).connected).rejects.toThrow('refused');
    expect(clients.map(({ ended }) => ended)).toEqual([1, 1]);
  });

  it('tells when one is lost', async () => {
    const clients = [new FakeClient(), new FakeClient()];
    const { lost, connected } = setUp(...clients);
    await connected;
    clients[0]!.emit('error', new Error('reset'));
    clients[1]!.emit('end');
    expect(lost.map(({ message }) => message)).toEqual(['reset', 'Redis closed the connection']);
  });
});
