import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { orDestroy } from '../../src/node/server-carrier.ts';

describe('orDestroy', () => {
  it('returns what is made, or destroys the socket and throws on', () => {
    const socket = new PassThrough();
    expect([orDestroy(socket, () => 1), socket.destroyed]).toEqual([1, false]);
    const fault = new Error('of the application');
    const fail = (): never => {
      throw fault;
    };
    expect(() => orDestroy(socket, fail)).toThrow(fault);
    expect(socket.destroyed).toBe(true);
  });
});
