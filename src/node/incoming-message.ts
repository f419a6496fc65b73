import { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import type { Socket } from 'node:net';
import { joinHeaderFields } from '../handshake/header-fields.ts';
import type { RequestHead, ResponseHead } from '../handshake/http-head.ts';
import type { Http2Socket } from './http2-socket.ts';

/** Makes of the head of a request to upgrade the object that users of node:http know. */
export function incomingRequest(head: RequestHead, socket: Socket): IncomingMessage {
  const message = fill(new UpgradeRequest(socket), head);
  message.method = head.method;
  message.url = head.target;
  message.upgrade = true;
  return message;
}

/**
 * Makes of the fields of an extended CONNECT what users of node:http know: pseudo-headers are its method, its URL, its
 * Host; what its socket is asked for is the session's.
 */
export function incomingConnect(headers: IncomingHttpHeaders, socket: Http2Socket): IncomingMessage {
  const message = fillHttp2(new UpgradeRequest(socket as unknown as Socket), headers);
  message.method = 'CONNECT';
  message.url = headers[':path'] ?? '';
  message.upgrade = true;
  return message;
}

/** Makes of a response's head the object that users of node:http know. */
export function incomingResponse(head: ResponseHead, socket: Socket): IncomingMessage {
  const message = fill(new IncomingMessage(socket), head);
  message.statusCode = head.statusCode;
  message.statusMessage = head.statusMessage;
  return message;
}

export type Http2ResponseFields = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** Makes of the fields of a response over HTTP/2 the object that users of node:http know; its body is the stream's. */
export function incomingHttp2Response(fields: Http2ResponseFields, socket: Http2Socket): IncomingMessage {
  const message = fillHttp2(new Http2Response(socket), fields);
  message.statusCode = fields[':status'] ?? 0;
  message.statusMessage = '';
  return message;
}

class Http2Response extends IncomingMessage {
  readonly #stream: Http2Socket;
  /** Whether somebody reads the body. */
  #reading = false;

  constructor(socket: Http2Socket) {
    super(socket as unknown as Socket);
    this.#stream = socket;
  }

  override _read(): void {
    const stream = this.#stream;
    if (!this.#reading) {
      this.#reading = true;
      stream.on('data', (chunk: Buffer) => {
        if (!this.push(chunk)) stream.pause();
      });
      stream.on('end', () => this.push(null)).on('close', () => this.destroy());
      stream.on('error', (error) => this.destroy(error));
    }
    stream.resume();
  }
}

class UpgradeRequest extends IncomingMessage {
  /** As node:http's parser sets it. */
  upgrade = false;

  /** It has no body: what follows is the WebSocket's. */
  override _read(): void {
    this.push(null);
  }
}

/** Node's own getter counts the headers that node's own parser added. */
Object.defineProperty(UpgradeRequest.prototype, 'headersDistinct', {
  configurable: true,
  get(this: UpgradeRequest): Record<string, string[]> {
    const distinct: Record<string, string[]> = Object.create(null);
    for (let i = 0; i < this.rawHeaders.length; i += 2) {
      const name = this.rawHeaders[i]!.toLowerCase();
      const values = distinct[name];
      if (values === undefined) distinct[name] = [this.rawHeaders[i + 1]!];
      else values.push(this.rawHeaders[i + 1]!);
    }
    return distinct;
  },
});

function fillHttp2<Message extends IncomingMessage>(message: Message, fields: IncomingHttpHeaders): Message {
  const authority = fields[':authority'];
  const rawHeaders = authority === undefined ? [] : ['host', authority];
  for (const [name, value] of Object.entries(fields)) {
    const isKnown = name.startsWith(':') || (name === 'host' && authority !== undefined);
    if (!isKnown) rawHeaders.push(...[value ?? []].flat().flatMap((each) => [name, each]));
  }
  return fill(message, { httpVersion: '2.0', rawHeaders, headers: joinHeaderFields(rawHeaders) });
}

function fill<Message extends IncomingMessage>(
  message: Message,
  head: Pick<RequestHead | ResponseHead, 'rawHeaders' | 'headers'> & { readonly httpVersion: string },
): Message {
  const [major, minor] = head.httpVersion.split('.');
  message.httpVersion = head.httpVersion;
  message.httpVersionMajor = Number(major);
  message.httpVersionMinor = Number(minor);
  message.rawHeaders = head.rawHeaders;
  message.headers = head.headers;
  message.complete = true;
  return message;
}
