import { expect, it } from 'vitest';
import { Refused, refuseForNow } from '../../src/hub/refused.ts';

it('is an error, so that it can be thrown, with the parts of a response', () => {
  const refused = new Refused(429, { headers: { 'Retry-After': '5' }, body: 'later' });
  expect(refused).toBeInstanceOf(Error);
  expect(refused).toMatchObject({ status: 429, headers: { 'Retry-After': '5' }, body: 'later' });
  expect(new Refused(403)).toMatchObject({ status: 403, headers: {}, body: '' });
});

it('says when to come back', () => {
  expect(refuseForNow(429, 'Too many')).toMatchObject({
    status: 429,
    headers: { 'Retry-After': '10' },
    body: 'Too many',
  });
});
