import { expect, it } from 'vitest';
import * as reports from '../../src/diagnostics/connection-reports.ts';
import { recorded } from './recorded.ts';

const websocket = {};
const end = { websocket, role: 'server' } as const;

/** A report that every function makes, and what its channel carries then. */
const CASES = [
  ['hawser:open', () => reports.reportOpen(websocket, 'server'), end],
  [
    'hawser:close',
    () => reports.reportClose(websocket, 'server', 1000, Buffer.from('é')),
    { ...end, code: 1000, reason: 'é' },
  ],
  [
    'hawser:message:in',
    () => reports.reportMessageIn(websocket, 'server', true, 3),
    { ...end, isBinary: true, bytes: 3 },
  ],
  [
    'hawser:message:out',
    () => reports.reportMessageOut(websocket, 'server', false, 3, false),
    { ...end, isBinary: false, bytes: 3, fin: false },
  ],
  ['hawser:ping:latency', () => reports.reportLatency(websocket, 'server', 1.5), { ...end, latencyMs: 1.5 }],
  [
    'hawser:backpressure',
    () => reports.reportBackPressure(websocket, 'server', 9),
    { ...end, bufferedBytes: 9 },
  ],
  ['hawser:drain', () => reports.reportDrain(websocket, 'server', 1), { ...end, bufferedBytes: 1 }],
  [
    'hawser:limit',
    () => reports.reportLimit(websocket, 'server', 'heartbeat'),
    { ...end, limit: 'heartbeat', code: undefined },
  ],
] as const;

it.each(CASES)('%s', (name, report, message) => {
  report();
  const messages = recorded(name);
  report();
  expect(messages).toEqual([message]);
});

it('tells an error, and the limit that its code is of', () => {
  const [errors, limits] = [recorded('hawser:error'), recorded('hawser:limit')];
  const code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
  const failures = [Object.assign(new Error('long'), { code }), new Error('no code')];
  failures.push(Object.assign(new Error('not of ours'), { code: 'toString' }));
  for (const error of failures) reports.reportError(websocket, 'server', error);
  expect(errors).toEqual(failures.map((error) => ({ ...end, error })));
  expect(limits).toEqual([{ ...end, limit: 'maxPayload', code }]);
});

it('tells nobody an error of no limit', () => {
  expect(() => reports.reportError(websocket, 'server', new Error('nobody listens'))).not.toThrow();
});
