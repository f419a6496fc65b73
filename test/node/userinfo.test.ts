import { describe, expect, it } from 'vitest';
import { basicAuthorization, userinfoOf } from '../../src/node/userinfo.ts';

describe('userinfoOf', () => {
  it.each([
    ['http://a/', undefined],
    ['http://me@a/', { username: 'me', password: '' }],
    ['http://:secret@a/', { username: '', password: 'secret' }],
    ['http://m%40e:p%3A%20%C3%A9@a/', { username: 'm@e', password: 'p: é' }],
    ['http://me:100%@a/', { username: 'me', password: '100%' }],
  ])('reads %s', (url, userinfo) => {
    expect(userinfoOf(new URL(url))).toEqual(userinfo);
  });
});

describe('basicAuthorization', () => {
  it('is in base64 of UTF-8', () => {
    expect(basicAuthorization('é:b')).toBe('Basic w6k6Yg==');
  });
});
