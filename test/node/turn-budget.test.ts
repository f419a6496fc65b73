import { describe, expect, it } from 'vitest';
import { TurnBudget } from '../../src/node/turn-budget.ts';

describe('TurnBudget', () => {
  it('is spent when as much was taken, and renewed in the next turn', async () => {
    const budget = new TurnBudget(10);
    budget.take(9);
    expect(budget.spent).toBe(false);
    budget.take(5);
    expect(budget.spent).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(budget.spent).toBe(false);
    budget.take(10);
    expect(budget.spent).toBe(true);
  });

  it('stays spent through microtasks and ticks of the same turn', async () => {
    const budget = new TurnBudget(1);
    budget.take(1);
    await Promise.resolve();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(budget.spent).toBe(true);
  });
});
