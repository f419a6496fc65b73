import { WebSocket } from './api/websocket.ts';
import { WebSocketServer } from './api/websocket-server.ts';

// As `ws` has it: the module is the class, and the class has the others.
Object.assign(WebSocket, { WebSocket, WebSocketServer, Server: WebSocketServer });

export default WebSocket;
export type {
  ClientOptions,
  ConnectionLimits,
  PerMessageDeflateOptions,
  ServerOptions,
  VerifyClient,
  VerifyClientCallback,
  VerifyClientInfo,
} from './api/options.ts';
export type { SendData } from './api/payload.ts';
export type { BinaryType, MessageOptions, RawData, ReadyState } from './api/websocket.ts';
export { WebSocket, WebSocketServer };
