import { expect, it } from 'vitest';
import { frameList } from '../../src/ws/frame-list.ts';

// What ws's Sender.frame does too is in test/compat/exported-sender.test.ts, for both.

const masked = { mask: true, generateMask: (key: Buffer) => key.writeUInt32BE(0x01020304) };

it('keeps a string whose length is known, unless it is masked', () => {
  expect(frameList('€', { fin: true, opcode: 1 }, 3)).toEqual([Buffer.from('8103', 'hex'), '€']);
  const [, payload] = frameList('abc', { fin: true, opcode: 1, ...masked }, 3);
  expect(payload).toEqual(Buffer.from('606060', 'hex'));
});

it('keeps a string under a key of zeros, which changes nothing', () => {
  const options = { fin: true, opcode: 1, mask: true, generateMask: (key: Buffer) => key.fill(0) };
  expect(frameList('a', options, 1)).toEqual([Buffer.from('818100000000', 'hex'), 'a']);
});

it('makes bytes of a string whose length is not known', () => {
  expect(frameList('€', { opcode: 1 })[1]).toEqual(Buffer.from('€'));
});
