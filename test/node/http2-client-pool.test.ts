import { describe, expect, it } from 'vitest';
import type { DialTarget } from '../../src/node/dial.ts';
import { Http2Place, leadsToTheSame } from '../../src/node/http2-client-pool.ts';
import { request, startHttp2 } from './http2-pair.ts';

const H2 = ['h2'];

function target(port: number, options: object = {}): DialTarget {
  return { secure: false, host: '127.0.0.1', port, options };
}

describe('Http2Place', () => {
  it('is on one session with the others to the same origin, as long as there is one', async () => {
    const { port, sockets } = await startHttp2();
    const places = [1, 2, 3].map(() => new Http2Place(target(port), H2));
    const sessions = await Promise.all(places.map((place) => place.session()));
    expect([new Set(sessions).size, sockets()]).toEqual([1, 1]);
    for (const place of places) place.leave();
    places[0]!.leave();
    expect(sessions[0]!.closed).toBe(true);
    const next = new Http2Place(target(port), H2);
    expect((await next.session()) === sessions[0]).toBe(false);
    next.leave();
  });

  it('is on another session when one has all that its server takes', async () => {
    const { port, sockets } = await startHttp2({
      settings: { enableConnectProtocol: true, maxConcurrentStreams: 2 },
    });
    const places = [1, 2, 3, 4, 5].map(() => new Http2Place(target(port), H2));
    const sessions = await Promise.all(places.map((place) => place.session()));
    expect([new Set(sessions).size, sockets()]).toEqual([3, 3]);
    for (const place of places) place.leave();
  });

  it('is on another session where the options of the socket are others, or the session is about to close', async () => {
    const { port, server } = await startHttp2();
    const first = new Http2Place(target(port), H2);
    const second = new Http2Place(target(port, { rejectUnauthorized: false }), H2);
    const session = await first.session();
    expect((await second.session()) === session).toBe(false);
    session.close();
    const third = new Http2Place(target(port), H2);
    expect((await third.session()) === session).toBe(false);
    for (const place of [first, second, third]) place.leave();
    expect(server.listening).toBe(true);
  });

  it('is on another session than one whose server has refused', async () => {
    const { port, server } = await startHttp2();
    server.on('stream', (stream) => stream.on('error', () => {}).close(7));
    const [first, second] = [new Http2Place(target(port), H2), new Http2Place(target(port), H2)];
    expect(first.refused(undefined)).toBe(false);
    const session = await first.session();
    const stream = request(session);
    await new Promise((resolve) => stream.once('close', resolve));
    expect(first.refused(stream)).toBe(true);
    expect((await second.session()) === session).toBe(false);
    for (const place of [first, second]) place.leave();
  });

  it('keeps nothing open when it is left before there is a session', async () => {
    const { port } = await startHttp2();
    const alone = new Http2Place(target(port), H2);
    void alone.session().catch(() => {});
    alone.leave();
    const [left, stays] = [new Http2Place(target(port), H2), new Http2Place(target(port), H2)];
    const leftSession = left.session();
    const staysSession = stays.session();
    left.leave();
    const session = await staysSession;
    expect([(await leftSession) === session, session.closed]).toEqual([true, false]);
    stays.leave();
    expect(session.closed).toBe(true);
  });
});

describe('leadsToTheSame', () => {
  const check = (): undefined => undefined;
  it.each<[string, object, object, boolean]>([
    ['nothing', {}, {}, true],
    ['what is not of the socket', { headers: { a: 'b' }, maxPayload: 1 }, { headers: {} }, true],
    ['the same bytes', { ca: [Buffer.from('a')] }, { ca: [Buffer.from('a')] }, true],
    ['other bytes', { ca: Buffer.from('a') }, { ca: Buffer.from('b') }, false],
    ['a list and another', { ca: ['a'] }, { ca: ['a', 'b'] }, false],
    ['one check of certificates', { checkServerIdentity: check }, { checkServerIdentity: check }, true],
    ['a check of certificates and none', { checkServerIdentity: check }, {}, false],
    ['any certificate and a good one', { rejectUnauthorized: false }, {}, false],
    ['objects that look the same', { secureContext: {} }, { secureContext: {} }, false],
    ['an option that nobody knows', { whatever: 1 }, { whatever: 2 }, false],
  ])('%s', (_name, a, b, expected) => {
    expect(leadsToTheSame(target(80, a), target(80, b))).toBe(expected);
  });

  it.each<[Partial<DialTarget>, boolean]>([
    [{ port: '80' }, true],
    [{ port: 81 }, false],
    [{ host: '127.0.0.2' }, false],
    [{ secure: true }, false],
    [{ socketPath: '/a' }, false],
  ])('%o: %s', (changes, expected) => {
    expect(leadsToTheSame(target(80), { ...target(80), ...changes })).toBe(expected);
  });
});
