import { expect, it } from 'vitest';
import * as reports from '../../src/diagnostics/hub-reports.ts';
import { recorded } from './recorded.ts';

const socket = {};

it.each([
  ['hawser:hub:connect', () => reports.reportHubConnect(socket, '/a'), { socket, namespace: '/a' }],
  ['hawser:hub:disconnect', () => reports.reportHubDisconnect(socket, '/a'), { socket, namespace: '/a' }],
  ['hawser:hub:room:open', () => reports.reportHubRoomOpen('r', '/a'), { room: 'r', namespace: '/a' }],
  ['hawser:hub:room:close', () => reports.reportHubRoomClose('r', '/a'), { room: 'r', namespace: '/a' }],
  ['hawser:hub:refused', () => reports.reportHubRefusal('X', undefined), { code: 'X', socket: undefined }],
] as const)('%s', (name, report, message) => {
  report();
  const messages = recorded(name);
  report();
  expect(messages).toEqual([message]);
});
