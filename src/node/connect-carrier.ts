import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { traceRefusal } from '../diagnostics/server-handshakes.ts';
import type { Http2Fields } from '../handshake/http2-fields.ts';
import {
  checkConnectRequest,
  connectRefusal,
  connectResponse,
  connectResponseLines,
} from '../handshake/http2-server-handshake.ts';
import type { OpeningDecision, Refusal } from '../handshake/server-handshake.ts';
import { Http2Socket } from './http2-socket.ts';
import { cancelStream } from './http2-stream.ts';
import { type Acceptance, orDestroy, REFUSED_LINGER_MS, type ServerCarrier } from './server-carrier.ts';
import { sha1Base64 } from './sha1.ts';

/** An extended CONNECT of HTTP/2 (RFC 8441 §5). */
export class ConnectCarrier implements ServerCarrier {
  readonly socket: Http2Socket;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    this.#headers = headers;
    this.socket = new Http2Socket(stream);
  }

  get isOpen(): boolean {
    return this.socket.readable && this.socket.writable && canBeAnswered(this.#stream);
  }

  check(): OpeningDecision {
    return checkConnectRequest(this.#headers);
  }

  refuse(refusal: Refusal): void {
    traceRefusal(this.socket, refusal.statusCode);
    refuseStream(this.#stream, refusal);
  }

  accept({ subprotocol, extensions, onLines }: Acceptance): void {
    orDestroy(this.socket, () => {
      const lines = connectResponseLines(this.#headers, sha1Base64, subprotocol, extensions);
      onLines(lines);
      const response = asUtf8(connectResponse(lines));
      if (canBeAnswered(this.#stream)) this.#stream.respond(response);
      else this.socket.destroy();
    });
  }
}

/**
 * Answers a stream with a whole response, and takes no more of it.
 *
 * @throws {RangeError | TypeError} From {@link connectRefusal}; the stream is reset then.
 */
export function refuseStream(stream: ServerHttp2Stream, refusal: Refusal): void {
  const { fields, body } = orDestroy(stream, () => connectRefusal(refusal));
  if (!canBeAnswered(stream)) return;
  stream.respond(asUtf8(fields), { endStream: body === undefined });
  // RFC 9113 §8.1: with NO_ERROR, which is the default, the client keeps the response.
  stream.once('finish', () => stream.close());
  if (body !== undefined) stream.end(body);
  cutOffLater(stream);
}

/** A client may leave no room for the answer; and Node sends none after GOAWAY: the stream would stay, and its session. */
function cutOffLater(stream: ServerHttp2Stream): void {
  const timer = setTimeout(cancelStream, REFUSED_LINGER_MS, stream);
  stream.once('close', () => clearTimeout(timer));
}

/** Node throws where a stream was reset, which it knows before it tells: by the peer, or for a fault of the peer's. */
function canBeAnswered({ destroyed, closed }: ServerHttp2Stream): boolean {
  return !destroyed && !closed;
}

/** Node writes a character of a header as a byte: of UTF-8, as in HTTP/1.1 here. */
function asUtf8(fields: Http2Fields): OutgoingHttpHeaders {
  const bytes = (value: string): string => Buffer.from(value).toString('latin1');
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? bytes(value) : value.map(bytes),
    ]),
  );
}
