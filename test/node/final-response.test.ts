import { describe, expect, it } from 'vitest';
import { FinalResponse } from '../../src/node/final-response.ts';

const TEXT =
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 Fine\r\nC: d\r\n\r\nrest';

describe('FinalResponse', () => {
  it('passes over interim responses, in one piece or byte by byte', () => {
    const whole = new FinalResponse();
    expect(String(whole.receive(Buffer.from(TEXT)))).toBe('rest');
    const slow = new FinalResponse();
    const rest = [...TEXT].map((letter) => String(slow.receive(Buffer.from(letter)))).join('');
    expect(rest).toBe('rest');
    for (const { head } of [whole, slow]) {
      expect(head).toMatchObject({ statusCode: 200, statusMessage: 'Fine', rawHeaders: ['C', 'd'] });
    }
  });

  it('takes 101 for the final one', () => {
    const response = new FinalResponse();
    response.receive(Buffer.from('HTTP/1.1 101 Go\r\n\r\n'));
    expect(response.head?.statusCode).toBe(101);
  });

  it('has no head before all of it has come, and refuses what is none', () => {
    const response = new FinalResponse();
    response.receive(Buffer.from('HTTP/1.1 200 F'));
    expect(response.head).toBeUndefined();
    expect(() => response.receive(Buffer.from('\n'))).toThrow(/Parse Error/);
  });
});
