import { describe, expect, it } from 'vitest';
import { HandshakeTrace } from '../../src/diagnostics/handshake.ts';
import { recorded } from './recorded.ts';

const websocket = {};

describe('a trace', () => {
  it('is none where nobody listens', () => {
    expect(HandshakeTrace.begin('client', 'ws://a/', { websocket })).toBeUndefined();
  });

  it.each(['hawser:handshake:start', 'hawser:handshake:end', 'hawser:handshake:refused'] as const)(
    'is made for who listens to %s alone',
    (name) => {
      recorded(name);
      expect(HandshakeTrace.begin('client', 'ws://a/', { websocket })).toBeDefined();
    },
  );

  it('tells the same object at the start and at the end', () => {
    const [begun, ended] = [recorded('hawser:handshake:start'), recorded('hawser:handshake:end')];
    const refused = recorded('hawser:handshake:refused');
    const trace = HandshakeTrace.begin('server', '/', {});
    expect(begun).toEqual([expect.objectContaining({ role: 'server', url: '/', durationMs: undefined })]);
    trace!.succeed(websocket);
    expect(ended[0]).toBe(begun[0]);
    expect(ended).toEqual([
      expect.objectContaining({
        websocket,
        statusCode: 101,
        durationMs: expect.any(Number),
        error: undefined,
      }),
    ]);
    expect(ended[0]!.durationMs).toBeGreaterThanOrEqual(0);
    expect(refused).toEqual([]);
  });

  it('tells an end to nobody who did not ask for that one', () => {
    const refused = recorded('hawser:handshake:refused');
    HandshakeTrace.begin('server', '/', {})!.succeed(websocket);
    expect(refused).toEqual([]);
  });

  it('tells one end', () => {
    const [ended, refused] = [recorded('hawser:handshake:end'), recorded('hawser:handshake:refused')];
    const error = new Error('first');
    const trace = HandshakeTrace.begin('client', 'ws://a/', { websocket });
    trace!.refuse(404, error);
    trace!.refuse(undefined, new Error('second'));
    trace!.succeed(websocket);
    expect(ended).toEqual([]);
    expect(refused).toEqual([expect.objectContaining({ statusCode: 404, error, websocket })]);
  });
});
