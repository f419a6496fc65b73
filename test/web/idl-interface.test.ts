import { expect, it } from 'vitest';
import { exposeInterface } from '../../src/web/idl-interface.ts';

it('gives a class the look of an interface', () => {
  class Renamed {
    get attribute(): number {
      return 1;
    }
    operation(): void {}
    hidden(): void {}
  }
  exposeInterface(Renamed, 'Thing', ['attribute', 'operation']);
  expect(Renamed.name).toBe('Thing');
  expect(Object.keys(Renamed.prototype)).toEqual(['attribute', 'operation']);
  expect(String(new Renamed())).toBe('[object Thing]');
  expect(Object.getOwnPropertyDescriptor(Renamed.prototype, Symbol.toStringTag)).toEqual({
    value: 'Thing',
    configurable: true,
    enumerable: false,
    writable: false,
  });
  expect(Object.getOwnPropertyDescriptor(Renamed.prototype, 'operation')).toMatchObject({
    configurable: true,
    writable: true,
  });
});
