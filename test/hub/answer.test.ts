import { expect, it } from 'vitest';
import { answerTo, errorWith, replyWith } from '../../src/hub/answer.ts';
import { HubError } from '../../src/wire/index.ts';

it('answers a request by its id', () => {
  expect(answerTo({ type: 'say', id: 7 }, replyWith('x'))).toEqual({ type: '$reply', id: 7, data: 'x' });
  expect(answerTo({ type: 'say', id: 7 }, errorWith(new HubError('FULL', 'it is', 3)))).toEqual({
    type: '$error',
    id: 7,
    data: { code: 'FULL', message: 'it is', details: 3 },
  });
});

it('tells errors of what did not ask for an answer, by its type, and no replies', () => {
  expect(answerTo({ type: 'say' }, replyWith('x'))).toBeUndefined();
  const told = answerTo({ type: 'say' }, errorWith(new HubError('FORBIDDEN')));
  expect(told).toMatchObject({ type: '$error', data: { code: 'FORBIDDEN', type: 'say' } });
  expect(told).not.toHaveProperty('id');
});
