import { describe, expect, it } from 'vitest';
import { HUB_ERRORS, HubError, type HubErrorCode, hubErrorFrom } from '../../src/wire/hub-error.ts';

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

describe('hubErrorFrom', () => {
  it('reads what the other end sent', () => {
    const error = hubErrorFrom({ code: 'ROOM_FULL', message: 'no room', details: 7 });
    expect(error).toBeInstanceOf(HubError);
    expect(error).toMatchObject({ code: 'ROOM_FULL', message: 'no room', details: 7 });
  });

  it.each([undefined, null, 7, 'text', {}, { code: 7, message: {} }])('takes anything: %j', (data) => {
    expect(hubErrorFrom(data)).toMatchObject({ code: 'INTERNAL', message: HUB_ERRORS.INTERNAL });
  });
});
