import { expect, it } from 'vitest';
import { defineAttributes } from '../../src/api/attributes.ts';

it('makes the attributes such as can be listed, and leaves other members as they are', () => {
  class Target {
    get readyState(): number {
      return 1;
    }
    get droppedMessages(): number {
      return 0;
    }
  }
  defineAttributes(Target.prototype);
  const names: string[] = [];
  for (const name in new Target()) names.push(name);
  expect(names).toContain('readyState');
  expect(names).not.toContain('droppedMessages');
  expect(new Target().readyState).toBe(1);
});
