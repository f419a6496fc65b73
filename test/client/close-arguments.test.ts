import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkClose } from '../../src/client/close-arguments.ts';
import { closeFrameContent } from '../../src/web/close-frame-content.ts';

const code = fc.option(fc.oneof(fc.integer({ min: 990, max: 5010 }), fc.integer()), { nil: undefined });
const reason = fc.option(fc.string({ unit: 'binary', maxLength: 150 }), { nil: undefined });

function refusalOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof DOMException ? error.name : String(error);
  }
}

it('refuses what the WebSocket of the standard refuses', () => {
  fc.assert(
    fc.property(code, reason, (code, reason) => {
      const standard = refusalOf(() => void closeFrameContent(code, reason ?? ''));
      expect(refusalOf(() => checkClose(code, reason))).toBe(standard);
    }),
    { numRuns: 1000 },
  );
});

it.each([
  [999, '', 'InvalidAccessError'],
  [1000, '', undefined],
  [1001, '', 'InvalidAccessError'],
  [2999, '', 'InvalidAccessError'],
  [3000, 'ä'.repeat(61), undefined],
  [4999, 'ä'.repeat(62), 'SyntaxError'],
  [5000, 'ä'.repeat(62), 'InvalidAccessError'],
  [undefined, 'a'.repeat(124), 'SyntaxError'],
  [Number.NaN, undefined, 'InvalidAccessError'],
])('%s and %j: %s', (code, reason, refusal) => {
  expect(refusalOf(() => checkClose(code, reason))).toBe(refusal);
});
