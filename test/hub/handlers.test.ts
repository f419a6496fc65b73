import { describe, expect, it } from 'vitest';
import { Handlers } from '../../src/hub/handlers.ts';
import type { HubSocket } from '../../src/hub/hub-socket.ts';
import { stringSchema } from './string-schema.ts';

const socket = {} as HubSocket;

describe('a handler', () => {
  it('gets the data and the socket; its result, now or later, is what run returns', async () => {
    const handlers = new Handlers();
    handlers.set('now', undefined, (data: unknown, from: unknown) => [data, from === socket]);
    handlers.set('later', undefined, async (data: unknown) => data);
    expect(await handlers.run({ type: 'now', data: 1 }, socket, ignore)).toEqual([1, true]);
    expect(await handlers.run({ type: 'later', data: 2 }, socket, ignore)).toBe(2);
  });

  it('gets what the schema makes of the data', async () => {
    const handlers = new Handlers();
    handlers.set('trim', stringSchema, (data: unknown) => data);
    expect(await handlers.run({ type: 'trim', data: ' a ' }, socket, ignore)).toBe('a');
  });

  it('is not called with data that the schema refuses', async () => {
    const handlers = new Handlers();
    let called = false;
    handlers.set('trim', stringSchema, () => {
      called = true;
    });
    await expect(handlers.run({ type: 'trim', data: 7 }, socket, ignore)).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
    expect(called).toBe(false);
  });

  it('is one for each type, until it is removed', async () => {
    const handlers = new Handlers();
    handlers.set('a', undefined, () => 1);
    expect(() => handlers.set('a', undefined, () => 2)).toThrow(TypeError);
    handlers.delete('a');
    await expect(handlers.run({ type: 'a' }, socket, ignore)).rejects.toMatchObject({ code: 'UNKNOWN_TYPE' });
    handlers.set('a', undefined, () => 3);
    expect(await handlers.run({ type: 'a' }, socket, ignore)).toBe(3);
  });

  it('is not of a type of the protocol', () => {
    expect(() => new Handlers().set('$join', undefined, () => 1)).toThrow(TypeError);
  });
});

function ignore(): void {}
