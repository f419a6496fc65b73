import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocketEmitter } from '../../src/api/websocket-emitter.ts';

describe.each([undefined, true, false])('WebSocketEmitter with fastPath: %s', (fastPath) => {
  it('is an EventEmitter', () => {
    const emitter = new WebSocketEmitter(fastPath);
    const log: unknown[] = [];
    emitter.on('close', (code, reason) => log.push(code, reason.toString()));
    expect(emitter.emit('close', 1000, Buffer.from('bye'))).toBe(true);
    expect(emitter).toBeInstanceOf(EventEmitter);
    expect(log).toEqual([1000, 'bye']);
  });

  it('names the events that have listeners, and no others', () => {
    const emitter = new WebSocketEmitter(fastPath);
    const listener = () => {};
    expect(emitter.eventNames()).toEqual([]);
    emitter.on('open', listener).on('message', listener).on('close', listener).off('close', listener);
    expect(new Set(emitter.eventNames())).toEqual(new Set(['open', 'message']));
  });
});
