import { describe, expect, it } from 'vitest';
import { isBadPort } from '../../src/web/bad-port.ts';

describe('isBadPort', () => {
  // Ends and neighbours of the table at https://fetch.spec.whatwg.org/#port-blocking.
  it.each([0, 1, 21, 22, 25, 95, 6000, 6665, 6669, 6697, 10080])('blocks %i', (port) => {
    expect(isBadPort(port)).toBe(true);
  });

  it.each([2, 80, 443, 3000, 6001, 6670, 8080, 10079, 10081, 65535])('lets %i pass', (port) => {
    expect(isBadPort(port)).toBe(false);
  });

  it('blocks as many ports as the table has', () => {
    expect(Array.from({ length: 65536 }, (_, port) => port).filter(isBadPort)).toHaveLength(83);
  });
});
