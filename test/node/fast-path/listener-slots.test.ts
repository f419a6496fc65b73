import { EventEmitter } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { emitMessage, reserveListeners } from '../../../src/node/fast-path/listener-slots.ts';

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

describe('emitMessage', () => {
  const data = Buffer.from('message');
  const viaEmit = (emitter: EventEmitter) => emitter.emit('message', data, true);
  const directly = (emitter: EventEmitter) => emitMessage(emitter, data, true);

  /** What listeners that were added, and removed, in all ways hear of four messages, and as whom. */
  function heard(tell: (emitter: EventEmitter) => void, emitter: EventEmitter): unknown[] {
    const log: unknown[] = [];
    const listener = (name: string) =>
      function (this: unknown, ...args: unknown[]) {
        log.push([name, this === emitter, args]);
      };
    const first = listener('first');
    tell(emitter);
    emitter.on('message', first);
    tell(emitter);
    emitter.once('message', listener('once')).prependListener('message', listener('before'));
    tell(emitter);
    emitter.off('message', first);
    tell(emitter);
    emitter.removeAllListeners().once('message', listener('last'));
    tell(emitter);
    tell(emitter);
    return log;
  }

  it('tells what emit tells, to one listener or several', () => {
    const expected = heard(viaEmit, new EventEmitter());
    expect(expected).toHaveLength(6);
    expect(heard(directly, reserved())).toEqual(expected);
    expect(heard(directly, new EventEmitter())).toEqual(expected);
  });

  it('forgets a listener to one message', () => {
    const emitter = reserved();
    const listener = vi.fn();
    emitter.once('message', listener);
    directly(emitter);
    directly(emitter);
    expect(listener).toHaveBeenCalledOnce();
    expect(emitter.listenerCount('message')).toBe(0);
  });

  it('lets what a listener throws through', () => {
    const emitter = reserved().on('message', () => {
      throw new Error('of the listener');
    });
    expect(() => directly(emitter)).toThrow('of the listener');
  });

  it('calls an emit that is not that of Node', () => {
    const emitter = reserved().on('message', () => {});
    const emit = vi.spyOn(emitter, 'emit');
    directly(emitter);
    expect(emit).toHaveBeenCalledExactlyOnceWith('message', data, true);
  });

  it('leaves rejections that are to be captured to emit', async () => {
    EventEmitter.captureRejections = true;
    onTestFinished(() => {
      EventEmitter.captureRejections = false;
    });
    const emitter = reserved();
    const captured = new Promise((resolve) => emitter.on('error', resolve));
    emitter.on('message', () => Promise.reject(new Error('later')));
    directly(emitter);
    expect(await captured).toMatchObject({ message: 'later' });
  });
});
