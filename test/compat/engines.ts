import * as ws from 'ws';
import * as hawser from '../../src/index.ts';

/** One of the two implementations, as a program of `ws` sees it. */
export interface Engine {
  readonly name: 'ws' | 'hawser';
  readonly WebSocket: typeof ws.WebSocket;
  readonly WebSocketServer: typeof ws.WebSocketServer;
}

/** Both, for suites that hold them to one behaviour. The types are those of `ws`: its programs are to go on as they are. */
export const ENGINES: readonly Engine[] = [
  { name: 'ws', WebSocket: ws.WebSocket, WebSocketServer: ws.WebSocketServer },
  {
    name: 'hawser',
    WebSocket: hawser.WebSocket as unknown as typeof ws.WebSocket,
    WebSocketServer: hawser.WebSocketServer as unknown as typeof ws.WebSocketServer,
  },
];
