import { describe, expect, it } from 'vitest';
import { ConnectingTurns } from '../../src/web/connecting-turns.ts';

/** Lets everything happen that promises alone can bring about. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function line() {
  const turns = new ConnectingTurns();
  const started: string[] = [];
  const end = new Map<string, () => void>();
  const take = (name: string, ...addresses: string[]) => {
    void turns.take(addresses).then((endTurn) => {
      started.push(name);
      end.set(name, endTurn);
    });
  };
  return { take, started, end: (name: string) => end.get(name)!() };
}

describe('ConnectingTurns', () => {
  it('lets one at a time have an address, in order', async () => {
    const { take, started, end } = line();
    take('a', '1');
    take('b', '1');
    take('c', '1');
    await settle();
    expect(started).toEqual(['a']);
    end('a');
    await settle();
    expect(started).toEqual(['a', 'b']);
    end('b');
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('does not let one address wait for another', async () => {
    const { take, started } = line();
    take('a', '1');
    take('b', '2');
    await settle();
    expect(started).toEqual(['a', 'b']);
  });

  it('waits where one of several addresses is taken', async () => {
    const { take, started, end } = line();
    take('a', '1');
    take('b', '2', '1');
    take('c', '2');
    take('d', '3');
    await settle();
    expect(started).toEqual(['a', 'd']);
    end('a');
    await settle();
    expect(started).toEqual(['a', 'd', 'b']);
    end('b');
    await settle();
    expect(started).toEqual(['a', 'd', 'b', 'c']);
  });

  it('forgets an address when nobody is in line', async () => {
    const { take, started, end } = line();
    take('a', '1');
    await settle();
    end('a');
    end('a');
    take('b', '1');
    await settle();
    expect(started).toEqual(['a', 'b']);
  });

  it('ends a turn once: a second call is no end of the next one', async () => {
    const { take, started, end } = line();
    take('a', '1');
    take('b', '1');
    take('c', '1');
    await settle();
    end('a');
    end('a');
    await settle();
    expect(started).toEqual(['a', 'b']);
  });
});
