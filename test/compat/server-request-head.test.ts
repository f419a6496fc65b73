import { describe, expect, it } from 'vitest';
import { upgradeRequest } from '../behaviour/raw-peer.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';
import { serve, upgradeLines } from './served.ts';

/** A request with further header lines. */
function withLines(...lines: string[]): string {
  return upgradeRequest().replace('\r\n\r\n', `\r\n${lines.join('\r\n')}\r\n\r\n`);
}

function withStart(startLine: string): string {
  return upgradeRequest({}, startLine);
}

const LONG = 'a'.repeat(15_000);

describe.each(ENGINES)("the head of a request to the server of $name's own", (engine) => {
  async function statusOf(request: string): Promise<number> {
    const { port } = await serve(engine);
    const [statusLine] = await upgradeLines(port, request);
    return Number(statusLine!.split(' ')[1]);
  }

  it.each([
    ['an absolute target', withStart('GET http://a/b HTTP/1.1'), 101],
    ['the target *', withStart('GET * HTTP/1.1'), 101],
    ['a fragment in the target', withStart('GET /a#b HTTP/1.1'), 101],
    ['other characters in the target', withStart('GET /a"<>{}|\\^` HTTP/1.1'), 101],
    ['a target without /', withStart('GET foo HTTP/1.1'), 400],
    ['a space in the target', withStart('GET /a b HTTP/1.1'), 400],
    ['UTF-8 in the target', withStart('GET /é HTTP/1.1'), 400],
    ['a long target', withStart(`GET /${LONG} HTTP/1.1`), 101],
    ['empty lines before it', `\r\n\r\n${upgradeRequest()}`, 101],
    ['a long header', withLines(`X: ${LONG}`), 101],
    ['too long a header', withLines(`X: ${LONG}${LONG}`), 431],
    ['a header without a value', withLines('X:'), 101],
    ['white space around a value', withLines('X:\t a \t'), 101],
    ['UTF-8 in a value', withLines('X: é'), 101],
    ['a control character in a value', withLines('X: a\u0001b'), 400],
    ['a NUL in a value', withLines('X: a\0b'), 400],
    ['a header over two lines', withLines('X: a', ' b'), 400],
    ['white space before a colon', withLines('X : a'), 400],
    ['a header without a name', withLines(': a'), 400],
    ['lines without CR', upgradeRequest().replaceAll('\r\n', '\n'), 400],
    ['Connection twice', withLines('Connection: keep-alive'), 101],
    ['Connection: close, Upgrade', upgradeRequest({ Connection: 'close, Upgrade' }), 101],
    ['Connection: ,upgrade,', upgradeRequest({ Connection: ',upgrade,' }), 101],
    ['Connection: Upgrade foo', upgradeRequest({ Connection: 'Upgrade foo' }), 426],
    ['Host twice', withLines('Host: b'), 101],
    ['Expect', withLines('Expect: 100-continue'), 101],
    ['Content-Length: 0', withLines('Content-Length: 0'), 101],
    ['a body of a length', withLines('Content-Length: 5'), 101],
    ['a body in chunks', withLines('Transfer-Encoding: chunked'), 101],
    ['two lengths', withLines('Content-Length: 5', 'Content-Length: 6'), 400],
    ['a length that is no number', withLines('Content-Length: x'), 400],
    ['a length and chunks', withLines('Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
    ['1000 headers', withLines(...Array<string>(1000).fill('X: 1')), 101],
  ])('may have, or not: %s', async (_what, request, status) => {
    expect(await statusOf(request)).toBe(status);
  });

  it.each([
    ['HTTP/2.0', withStart('GET / HTTP/2.0'), 101, 505],
    ['HTTP/1.2', withStart('GET / HTTP/1.2'), 400, 505],
    ['HTTP/0.9', 'GET /\r\n\r\n', 426, 400],
    ['several spaces', withStart('GET  /  HTTP/1.1'), 101, 400],
    ['a method in small letters', withStart('get / HTTP/1.1'), 400, 405],
    ['an unknown method', withStart('FOO / HTTP/1.1'), 400, 405],
    ['Proxy-Connection', upgradeRequest({ Connection: undefined, 'Proxy-Connection': 'Upgrade' }), 101, 426],
  ])(`${difference('request-grammar')}: %s`, async (_what, request, ofWs, ofHawser) => {
    expect(await statusOf(request)).toBe(engine.name === 'ws' ? ofWs : ofHawser);
  });
});
