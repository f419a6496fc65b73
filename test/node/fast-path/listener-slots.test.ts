import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { reserveListeners } from '../../../src/node/fast-path/listener-slots.ts';

function reserved(): EventEmitter {
  const emitter = new EventEmitter();
  reserveListeners(emitter);
  return emitter;
}

/** What happens to listeners that are added, called and removed in all ways. */
function story(emitter: EventEmitter): unknown[] {
  const log: unknown[] = [];
  const listener = (...args: unknown[]) => log.push(args);
  log.push(emitter.emit('message', 0), emitter.listenerCount('message'), emitter.listeners('close'));
  emitter.on('message', listener).once('message', listener).prependListener('message', listener);
  emitter.on('other', listener);
  log.push(emitter.emit('message', 1, 2), emitter.listenerCount('message'), emitter.emit('other'));
  emitter.off('message', listener).off('message', listener).off('other', listener);
  log.push(emitter.emit('message', 3), emitter.rawListeners('message').length);
  emitter.on('message', listener).on('close', listener).removeAllListeners('message');
  log.push(emitter.emit('message', 4), emitter.emit('close', 5));
  emitter.removeAllListeners();
  log.push(emitter.emit('close', 6), emitter.eventNames());
  return log;
}

describe('reserveListeners', () => {
  it('changes nothing of what an emitter does', () => {
    expect(story(reserved())).toEqual(story(new EventEmitter()));
  });

  it('has no listeners but those that were added, whatever events are called', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const emitter = reserved();
      expect([name, emitter.listenerCount(name), emitter.emit(name)]).toEqual([name, 0, false]);
      let calls = 0;
      emitter.on(name, () => calls++);
      expect([name, emitter.emit(name), calls]).toEqual([name, true, 1]);
    }
  });

  it('leaves an error that nobody listens to an exception', () => {
    expect(() => reserved().emit('error', new Error('unheard'))).toThrow('unheard');
  });

  it('keeps the listeners of one emitter from another', () => {
    const [one, other] = [reserved(), reserved()];
    one.on('message', () => {});
    expect(other.listenerCount('message')).toBe(0);
  });
});
