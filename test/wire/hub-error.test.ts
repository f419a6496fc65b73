import { describe, expect, it } from 'vitest';
import { HUB_ERRORS, HubError, type HubErrorCode } from '../../src/wire/hub-error.ts';

describe('HubError', () => {
  it.each(Object.entries(HUB_ERRORS))('%s has its message', (code, message) => {
    expect(new HubError(code as HubErrorCode)).toMatchObject({ name: 'HubError', code, message });
  });

  it('takes a message and details', () => {
    const error = new HubError('INVALID_DATA', 'no text', [{ path: ['text'] }]);
    expect(error).toMatchObject({ message: 'no text', details: [{ path: ['text'] }] });
  });

  it("takes the application's codes", () => {
    expect(new HubError('ROOM_FULL')).toMatchObject({ code: 'ROOM_FULL', message: 'ROOM_FULL' });
  });
});
