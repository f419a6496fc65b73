import type { ClientRequest, IncomingMessage } from 'node:http';
import { expect, it, vi } from 'vitest';
import { openingEvents } from '../../src/api/opening-events.ts';
import { WebSocket } from '../../src/index.ts';

const request = { end: vi.fn() } as unknown as ClientRequest;
const response = {} as IncomingMessage;

it('asks and tells the listeners of the WebSocket', () => {
  const ws = new WebSocket(null);
  const events = openingEvents(ws, {});
  expect([events.wantsRedirect(), events.wantsUnexpectedResponse()]).toEqual([false, false]);
  const told: unknown[] = [];
  for (const name of ['redirect', 'unexpected-response', 'upgrade']) {
    ws.on(name, (...args) => told.push([name, ...args]));
  }
  expect([events.wantsRedirect(), events.wantsUnexpectedResponse()]).toEqual([true, true]);
  events.onRedirect('ws://host/', request);
  events.onUnexpectedResponse(request, response);
  events.onUpgrade(response);
  expect(told).toEqual([
    ['redirect', 'ws://host/', request],
    ['unexpected-response', request, response],
    ['upgrade', response],
  ]);
});

it('ends a request, unless there is somebody to finish it', () => {
  const ws = new WebSocket(null);
  openingEvents(ws, {}).finishRequest(request);
  expect(request.end).toHaveBeenCalledOnce();
  const finishRequest = vi.fn();
  openingEvents(ws, { finishRequest }).finishRequest(request);
  expect(finishRequest).toHaveBeenCalledWith(request, ws);
  expect(request.end).toHaveBeenCalledOnce();
});
