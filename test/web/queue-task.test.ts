import { expect, it } from 'vitest';
import { queueTask } from '../../src/web/queue-task.ts';

it('runs tasks in order, each with its promise reactions before the next', async () => {
  const log: string[] = [];
  await new Promise<void>((resolve) => {
    queueTask(async (name) => {
      log.push(name);
      for (let hop = 0; hop < 5; hop++) await undefined;
      log.push('reaction');
    }, 'first');
    queueTask(() => log.push('second'));
    queueTask(resolve);
    log.push('caller');
  });
  expect(log).toEqual(['caller', 'first', 'reaction', 'second']);
});
