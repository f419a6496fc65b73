import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTP2_PREFACE, Http2PrefaceDetector } from '../../src/handshake/http2-preface.ts';
import { threeWays } from '../feed.ts';

/** Feeds chunks until it is known; returns what it is, and all that is not the preface's. */
function detect(chunks: readonly Uint8Array[]): [result: string, rest: string] {
  const detector = new Http2PrefaceDetector();
  let result = 'open';
  let rest = '';
  for (const chunk of chunks) {
    if (result !== 'open') {
      rest += Buffer.from(chunk).toString('latin1');
      continue;
    }
    const received = detector.receive(chunk, chunk.length);
    result = received.result;
    const unused = Buffer.from(chunk.subarray(received.used)).toString('latin1');
    rest += result === 'different' ? detector.held + unused : unused;
  }
  return [result, rest];
}

describe('Http2PrefaceDetector', () => {
  it('knows the preface in any chunks, and leaves what is behind it', () => {
    for (const chunks of threeWays(Buffer.from(HTTP2_PREFACE), Buffer.from('behind'))) {
      const [result, rest] = detect(chunks);
      expect(result).toBe('whole');
      expect('behind'.startsWith(rest)).toBe(true);
    }
  });

  it.each(['GET / HTTP/1.1\r\n\r\n', 'PRI * HTTP/1.1\r\n\r\n', 'POST /', `P${HTTP2_PREFACE}`])(
    'gives back all of %j',
    (text) => {
      for (const chunks of threeWays(Buffer.from(text))) {
        const [result, rest] = detect(chunks);
        expect([result, text.startsWith(rest) || rest.startsWith(text)]).toEqual(['different', true]);
      }
    },
  );

  it('waits for more', () => {
    expect(detect([Buffer.from(HTTP2_PREFACE.slice(0, 23))])).toEqual(['open', '']);
    expect(detect([])).toEqual(['open', '']);
  });

  it('loses no byte, whatever comes in whatever chunks', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.nat({ max: HTTP2_PREFACE.length }).map((end) => HTTP2_PREFACE.slice(0, end)),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const [result, rest] = detect(pieces.map((each) => Buffer.from(each, 'latin1')));
        const whole = Buffer.from(text, 'latin1').toString('latin1');
        if (result === 'whole') expect(HTTP2_PREFACE + rest).toBe(whole);
        else if (result === 'different') expect(rest).toBe(whole);
        else expect(HTTP2_PREFACE.startsWith(whole)).toBe(true);
      }),
    );
  });
});
