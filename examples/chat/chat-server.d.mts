import type { Server } from 'node:http';

interface ServerOptions {
  server: Server;
  path: string;
  maxPayload: number;
  closeTimeout: number;
}

export interface Chat {
  /** Starts to listen and gives the port, which the system chooses when `port` is 0. */
  listen(port: number, host?: string): Promise<number>;
  /** Closes every connection with 1001 and ends when the last one is closed. */
  close(): Promise<void>;
}

export function createChat(options: {
  WebSocketServer: new (options: ServerOptions) => object;
  heartbeatMs?: number;
  log?: (line: string) => void;
}): Chat;
