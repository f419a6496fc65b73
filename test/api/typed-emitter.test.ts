import { EventEmitter } from 'node:events';
import { expect, expectTypeOf, it } from 'vitest';
import { TypedEmitter } from '../../src/api/typed-emitter.ts';

class Door extends TypedEmitter<{ opened: [by: string]; moved: [degrees: number, slammed: boolean] }> {}

it('is an EventEmitter', () => {
  const door = new Door();
  const log: unknown[] = [];
  door.on('opened', (by) => log.push(by));
  door.once('moved', (degrees, slammed) => log.push(degrees, slammed));
  door.emit('opened', 'me');
  door.emit('moved', 90, false);
  expect(door).toBeInstanceOf(EventEmitter);
  expect(log).toEqual(['me', 90, false]);
});

it('knows what its listeners get, and takes other events as they come', () => {
  const door = new Door();
  door.on('moved', function (degrees, slammed) {
    expectTypeOf(degrees).toEqualTypeOf<number>();
    expectTypeOf(slammed).toEqualTypeOf<boolean>();
    expectTypeOf(this).toEqualTypeOf<Door>();
  });
  door.on('painted', (colour: string) => colour);
  expectTypeOf(door.off('opened', () => {})).toEqualTypeOf<Door>();
});
