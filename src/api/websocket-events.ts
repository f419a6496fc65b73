import type { ClientRequest, IncomingMessage } from 'node:http';
import type { BinaryType, DefaultBinaryType, RawData } from './binary-type.ts';

/** The events of a {@link WebSocket} and what their listeners get. */
export interface WebSocketEvents<B extends BinaryType = DefaultBinaryType> {
  open: [];
  /** Text is a Buffer of UTF-8; what is binary goes by `binaryType`. */
  message: [data: Buffer, isBinary: false] | [data: RawData<B>, isBinary: true];
  ping: [payload: Buffer];
  pong: [payload: Buffer];
  close: [code: number, reason: Buffer];
  error: [error: Error];
  upgrade: [response: IncomingMessage];
  redirect: [url: string, request: ClientRequest];
  'unexpected-response': [request: ClientRequest, response: IncomingMessage];
}
