import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { traceRefusal, traceRequest, traceUpgrade } from '../../src/diagnostics/server-handshakes.ts';
import { recorded } from './recorded.ts';

const request = { url: '/chat' } as IncomingMessage;

function record() {
  return {
    started: recorded('hawser:handshake:start'),
    ended: recorded('hawser:handshake:end'),
    refused: recorded('hawser:handshake:refused'),
  };
}

it('tells a request that becomes a WebSocket', async () => {
  const { started, ended, refused } = record();
  const [stream, websocket] = [new PassThrough(), {}];
  traceRequest(stream, request);
  traceUpgrade(stream, websocket);
  await once(stream.destroy(), 'close');
  expect(ended).toEqual([expect.objectContaining({ role: 'server', url: '/chat', request, websocket })]);
  expect(started).toEqual(ended);
  expect(refused).toEqual([]);
});

it('tells a request that is refused, once', async () => {
  const { started, refused } = record();
  const stream = new PassThrough();
  traceRequest(stream, request);
  traceRefusal(stream, 403);
  traceRefusal(stream, 503);
  await once(stream.destroy(), 'close');
  expect(refused).toEqual([expect.objectContaining({ request, statusCode: 403 })]);
  expect(refused[0]).toBe(started[0]);
});

it('tells a request whose client is gone', async () => {
  const { refused } = record();
  const stream = new PassThrough();
  traceRequest(stream, request);
  await once(stream.destroy(), 'close');
  expect(refused).toEqual([expect.objectContaining({ request, statusCode: undefined, error: undefined })]);
});

it('tells a refusal of what was no request to upgrade', () => {
  const { started, refused } = record();
  traceRefusal(new PassThrough(), 400);
  expect(refused).toEqual([expect.objectContaining({ request: undefined, statusCode: 400 })]);
  expect(started).toEqual(refused);
});

it('leaves nothing on a stream where nobody listens', () => {
  const stream = new PassThrough();
  const before = stream.listenerCount('close');
  traceRequest(stream, request);
  traceUpgrade(stream, {});
  traceRefusal(stream, 400);
  expect(stream.listenerCount('close')).toBe(before);
});
