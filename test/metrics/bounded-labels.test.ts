import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../src/core/index.ts';
import { closeCodeLabel, errorLabel, hubErrorLabel, statusLabel } from '../../src/metrics/bounded-labels.ts';

it.each([
  [1000, '1000'],
  [1006, '1006'],
  [1015, '1015'],
  [1016, 'other'],
  [2999, 'other'],
  [3000, '3xxx'],
  [4999, '4xxx'],
  [5000, 'other'],
  [0, 'other'],
])('the close code %i is %s', (code, label) => expect(closeCodeLabel(code)).toBe(label));

it.each([
  [undefined, 'none'],
  [401, '401'],
  [503, '503'],
  [418, '4xx'],
  [299, '2xx'],
  [600, 'other'],
  [0, 'other'],
])('the status %s is %s', (status, label) => expect(statusLabel(status)).toBe(label));

it.each([
  [new ProtocolError('WS_ERR_INVALID_UTF8', 'x'), 'WS_ERR_INVALID_UTF8'],
  [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'ECONNRESET'],
  [Object.assign(new Error('x'), { code: 'toString' }), 'other'],
  [Object.assign(new Error('x'), { code: 7 }), 'other'],
  [new Error('x'), 'other'],
])('the error %o is %s', (error, label) => expect(errorLabel(error)).toBe(label));

it.each([
  ['RATE_LIMITED', 'RATE_LIMITED'],
  ['MINE', 'other'],
  ['toString', 'other'],
])('the error %s of a hub is %s', (code, label) => expect(hubErrorLabel(code)).toBe(label));

describe('whatever a peer brings', () => {
  it('makes few values', () => {
    const labels = new Set<string>();
    fc.assert(
      fc.property(fc.nat(70_000), fc.string(), (number, code) => {
        labels.add(closeCodeLabel(number)).add(statusLabel(number));
        labels.add(errorLabel(Object.assign(new Error('x'), { code })));
      }),
      { numRuns: 5000 },
    );
    expect(labels.size).toBeLessThan(64);
  });
});
