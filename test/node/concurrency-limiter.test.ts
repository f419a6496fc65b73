import { describe, expect, it } from 'vitest';
import { ConcurrencyLimiter } from '../../src/node/concurrency-limiter.ts';

/** Runs `count` jobs that end when told to. */
function runJobs(limiter: ConcurrencyLimiter, count: number) {
  const started: number[] = [];
  const dones: Array<() => void> = [];
  for (let i = 0; i < count; i++) {
    limiter.run((done) => {
      started.push(i);
      dones[i] = done;
    });
  }
  return { started, finish: (i: number) => dones[i]!() };
}

describe('ConcurrencyLimiter', () => {
  it('starts as many jobs as the limit allows, at once', () => {
    expect(runJobs(new ConcurrencyLimiter(2), 4).started).toEqual([0, 1]);
  });

  it('starts those that wait in the order in which they came, one for each that ends', () => {
    const { started, finish } = runJobs(new ConcurrencyLimiter(2), 5);
    finish(1);
    expect(started).toEqual([0, 1, 2]);
    finish(0);
    expect(started).toEqual([0, 1, 2, 3]);
    finish(2);
    finish(3);
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  it('has room again when all have ended', () => {
    const limiter = new ConcurrencyLimiter(1);
    const first = runJobs(limiter, 1);
    first.finish(0);
    expect(runJobs(limiter, 2).started).toEqual([0]);
  });

  it('goes on with jobs that end before they return', () => {
    const limiter = new ConcurrencyLimiter(1);
    const order: string[] = [];
    limiter.run((done) => {
      limiter.run((innerDone) => {
        order.push('waiting');
        innerDone();
      });
      order.push('first');
      done();
    });
    expect(order).toEqual(['first', 'waiting']);
    expect(runJobs(limiter, 1).started).toEqual([0]);
  });

  it('knows no limit with Infinity', () => {
    expect(runJobs(new ConcurrencyLimiter(Number.POSITIVE_INFINITY), 100).started).toHaveLength(100);
  });
});
