import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { HandshakeTrace } from './handshake.ts';

/** Those under way, by the stream that they come over; empty while nobody listens. */
const traces = new WeakMap<Duplex, HandshakeTrace>();

/** A request to upgrade came over `stream`. A client that goes before it is answered ends it, too. */
export function traceRequest(stream: Duplex, request: IncomingMessage): void {
  const trace = HandshakeTrace.begin('server', request.url, { request });
  if (trace === undefined) return;
  traces.set(stream, trace);
  stream.once('close', () => trace.refuse(undefined));
}

/** The request of `stream` was answered with its WebSocket. */
export function traceUpgrade(stream: Duplex, websocket: object): void {
  traces.get(stream)?.succeed(websocket);
  traces.delete(stream);
}

/** What came over `stream`, a request to upgrade or something else, was answered with `statusCode`. */
export function traceRefusal(stream: Duplex, statusCode: number): void {
  const trace = traces.get(stream) ?? HandshakeTrace.begin('server', undefined, {});
  trace?.refuse(statusCode);
}
