import { describe, expect, it } from 'vitest';
import {
  closedUncleanly,
  readCloseInfo,
  type WebSocketCloseInfo,
  WebSocketError,
} from '../../src/web/websocket-error.ts';

describe('WebSocketError', () => {
  it('is a DOMException with a code and a reason', () => {
    const error = new WebSocketError('why', { closeCode: 3456, reason: 'because' });
    expect(error).toBeInstanceOf(DOMException);
    expect([error.name, error.message, error.code]).toEqual(['WebSocketError', 'why', 0]);
    expect([error.closeCode, error.reason]).toEqual([3456, 'because']);
    expect(Object.prototype.toString.call(error)).toBe('[object WebSocketError]');
  });

  it('has no code without a reason, and 1000 with one', () => {
    expect([new WebSocketError().closeCode, new WebSocketError().reason]).toEqual([null, '']);
    expect(new WebSocketError('', { reason: 'bye' }).closeCode).toBe(1000);
  });

  it('refuses what a program could not close with', () => {
    for (const closeCode of [999, 1006, 5000]) {
      const refused = expect.objectContaining({ name: 'InvalidAccessError' });
      expect(() => new WebSocketError('', { closeCode })).toThrow(refused);
    }
    expect(() => new WebSocketError('', { closeCode: 70_000 })).toThrow(TypeError);
    expect(() => new WebSocketError('', 'x' as WebSocketCloseInfo)).toThrow(TypeError);
  });

  it('of a connection has whatever code that had', () => {
    const error = closedUncleanly(1006, '');
    expect(error).toBeInstanceOf(WebSocketError);
    expect([error.closeCode, error.reason, error.message]).toEqual([
      1006,
      '',
      'The connection was closed uncleanly',
    ]);
  });
});

describe('readCloseInfo', () => {
  it('converts', () => {
    const odd = { closeCode: '3000', reason: 5 } as unknown as WebSocketCloseInfo;
    expect(readCloseInfo(odd)).toEqual({ closeCode: 3000, reason: '5' });
    expect(readCloseInfo(null)).toEqual({ closeCode: undefined, reason: '' });
  });
});
