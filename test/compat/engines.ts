import { createRequire } from 'node:module';
import type * as ws from 'ws';
import hawser from '../../src/index.ts';

/** One of the two implementations, as a program of `ws` sees it. */
export interface Engine {
  readonly name: 'ws' | 'hawser';
  /** What `require` gives: the class, which has the other exports. */
  readonly module: typeof ws.WebSocket;
  readonly WebSocket: typeof ws.WebSocket;
  readonly WebSocketServer: typeof ws.WebSocketServer;
  readonly createWebSocketStream: typeof ws.createWebSocketStream;
}

/**
 * Both, for suites that hold them to one behaviour. The types are those of `ws`: its programs are to go on as they are.
 *
 * @example
 * describe.each(ENGINES)('a client of $name', ({ WebSocket }) => {
 *   it('has a normalized URL', () => {
 *     expect(new WebSocket('ws://LOCALHOST').url).toBe('ws://localhost/');
 *   });
 * });
 */
export const ENGINES: readonly Engine[] = [
  asEngine('ws', createRequire(import.meta.url)('ws')),
  asEngine('hawser', hawser),
];

function asEngine(name: Engine['name'], module: unknown): Engine {
  const exported = module as Omit<Engine, 'name' | 'module'>;
  return {
    name,
    module: module as Engine['module'],
    WebSocket: exported.WebSocket,
    WebSocketServer: exported.WebSocketServer,
    createWebSocketStream: exported.createWebSocketStream,
  };
}
