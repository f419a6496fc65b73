import { describe, expect, it } from 'vitest';
import type { AdapterNode } from '../../src/hub/adapter.ts';
import { memoryAdapter } from '../../src/hub/memory-adapter.ts';
import { ReliableAnswers } from '../../src/hub/reliable-answers.ts';

const NODE = { history: { count: 10, ageMs: 1000 } } as AdapterNode;

function answers() {
  const adapter = memoryAdapter();
  adapter.open(NODE);
  const failures: unknown[] = [];
  return { adapter, failures, answers: new ReliableAnswers(adapter, (error) => failures.push(error)) };
}

describe('an answer', () => {
  it('is worked out once, for each key of each session', async () => {
    const { answers: reliable } = answers();
    let count = 0;
    const work = async () => ({ type: '$reply' as const, data: ++count });
    const ask = (socketId: string, key: string) => reliable.answer(socketId, key, work, ignore);
    expect(await Promise.all([ask('s', 'k'), ask('s', 'k')])).toEqual([
      { type: '$reply', data: 1 },
      { type: '$reply', data: 1 },
    ]);
    expect(await ask('s', 'k')).toEqual({ type: '$reply', data: 1 });
    expect([(await ask('s', 'l')).data, (await ask('t', 'k')).data]).toEqual([2, 3]);
  });

  it('may be an error, or bytes', async () => {
    const { answers: reliable } = answers();
    const error = { type: '$error' as const, data: { code: 'FULL' } };
    const bytes = { type: '$reply' as const, data: Uint8Array.of(0, 255) };
    for (const answer of [error, bytes]) {
      await reliable.answer('s', answer.type, async () => answer, ignore);
      const again = await reliable.answer(
        's',
        answer.type,
        () => Promise.reject(new Error('called again')),
        ignore,
      );
      expect(again.type).toBe(answer.type);
      if (answer === error) expect(again.data).toEqual({ code: 'FULL' });
      else expect([...(again.data as Uint8Array)]).toEqual([0, 255]);
    }
  });

  it('is worked out where what the adapter has is none', async () => {
    const { adapter, answers: reliable, failures } = answers();
    await adapter.saveAnswer('s', 'k', 'no JSON');
    const answer = { type: '$reply' as const, data: 1 };
    expect(await reliable.answer('s', 'k', async () => answer, ignore)).toEqual(answer);
    expect(failures).toMatchObject([{ name: 'SyntaxError' }]);
  });

  it('is worked out, and told to be, while the adapter cannot remember', async () => {
    const { adapter, answers: reliable, failures } = answers();
    adapter.answerTo = () => Promise.reject(new Error('down'));
    adapter.saveAnswer = () => {
      throw new Error('still down');
    };
    const answer = { type: '$reply' as const, data: 1 };
    expect(await reliable.answer('s', 'k', async () => answer, ignore)).toEqual(answer);
    expect(failures.map((error) => (error as Error).message)).toEqual(['down', 'still down']);
  });
});

function ignore(): void {}
