import type { ClientRequest as HttpClientRequest } from 'node:http';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { checkAgreement } from '../handshake/client-handshake.ts';
import { acceptsConnect, connectRequestFields } from '../handshake/http2-client-handshake.ts';
import type { Http2Fields } from '../handshake/http2-fields.ts';
import { ClientAttempt } from './client-attempt.ts';
import { hangUp } from './hang-up.ts';
import { Http2Place } from './http2-client-pool.ts';
import { extendedConnectAllowed } from './http2-session-ready.ts';
import { Http2Socket } from './http2-socket.ts';
import { CANCEL } from './http2-stream.ts';
import { type Http2ResponseFields, incomingHttp2Response } from './incoming-message.ts';
import {
  type AttemptEvents,
  type ClientRequest,
  OpeningHandshake,
  unexpectedResponse,
} from './opening-handshake.ts';

/** HTTP/2 and nothing else, the caller's session, or HTTP/1.1 where the server wants that. */
export type Http2Choice = true | ClientHttp2Session | 'auto';

const ONLY_HTTP2: readonly string[] = ['h2'];
const BOTH: readonly string[] = ['h2', 'http/1.1'];

const NO_BYTES = Buffer.alloc(0);

/**
 * An opening handshake over HTTP/2 (RFC 8441 §5). A request on a shared session that the server says to have done nothing with
 * is made once more, on another session (RFC 9113 §8.7).
 */
export class Http2Attempt extends OpeningHandshake {
  readonly #asked: ClientRequest;
  readonly #choice: Http2Choice;
  readonly #fields: Http2Fields;
  /** On a session that is shared; `undefined` on one of the caller's. */
  #place: Http2Place | undefined;
  #stream: ClientHttp2Stream | undefined;
  #mayRepeat = true;
  /** In the place of this one, where the server wants HTTP/1.1. */
  #fallback: ClientAttempt | undefined;

  /** @throws {TypeError} A header or the target has characters that don't belong there; no socket is opened. */
  constructor(request: ClientRequest, events: AttemptEvents, choice: Http2Choice) {
    super(request, events);
    this.#asked = request;
    this.#choice = choice;
    this.#fields = this.#fieldsFor(request);
    void this.#start();
  }

  protected override drop(): void {
    this.#fallback?.abort();
    this.#stream?.close(CANCEL);
    // With a stream, its end gives the place back.
    if (this.#stream === undefined) this.#place?.leave();
  }

  #fieldsFor({ target }: ClientRequest): Http2Fields {
    try {
      const authority = this.request.host ?? target.host;
      return connectRequestFields({ ...this.request, authority, secure: target.secure });
    } catch (error) {
      this.cannotBegin(error);
    }
  }

  async #start(): Promise<void> {
    try {
      const session = await this.#session();
      if (!this.over) this.#request(session);
    } catch (error) {
      if (!this.over && this.#choice === 'auto' && isUnsupported(error)) this.#fallBack();
      else this.#onFault(error as Error);
    }
  }

  async #session(): Promise<ClientHttp2Session> {
    const choice = this.#choice;
    if (typeof choice !== 'object') {
      this.#place = new Http2Place(this.#asked.target, choice === 'auto' ? BOTH : ONLY_HTTP2);
      return this.#place.session();
    }
    await extendedConnectAllowed(choice);
    return choice;
  }

  #request(session: ClientHttp2Session): void {
    const stream = session.request(this.#fields, { endStream: false });
    const place = this.#place;
    this.#stream = stream;
    const onFault = (error: Error): void => {
      if (stream === this.#stream) this.#onFault(error);
    };
    stream.on('response', (headers) => this.#onResponse(stream, headers));
    // An interim response is something that the server has done.
    stream.once('headers', () => {
      this.#mayRepeat = false;
    });
    stream.on('error', onFault);
    stream.on('close', () => {
      place?.leave();
      onFault(hangUp());
    });
  }

  #onFault(error: Error): void {
    if (this.over) return;
    if (!this.#mayRepeat || !this.#place?.refused(this.#stream)) {
      this.fail(error);
      return;
    }
    this.#mayRepeat = false;
    this.#place.leave();
    this.#stream = undefined;
    void this.#start();
  }

  #onResponse(stream: ClientHttp2Stream, headers: Http2ResponseFields): void {
    if (this.over) return;
    const statusCode = headers[':status'] ?? 0;
    const accepted = acceptsConnect(statusCode);
    if (!accepted) this.traceResponse(statusCode);
    if (!accepted && !this.events.wantsUnexpectedResponse()) {
      this.fail(unexpectedResponse(statusCode));
      return;
    }
    const socket = new Http2Socket(stream);
    const response = incomingHttp2Response(headers, socket);
    if (accepted) {
      this.onAccepted(response, { socket, head: NO_BYTES }, () => checkAgreement(headers, this.expected));
    } else {
      this.finish();
      // What it is used for, to be ended, a stream can do as well.
      this.events.onUnexpectedResponse(stream as unknown as HttpClientRequest, response);
    }
  }

  #fallBack(): void {
    const connected = this.#place!.takeSocket();
    this.abort();
    this.#fallback = new ClientAttempt(this.#asked, this.events, connected);
  }
}

function isUnsupported(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'WS_ERR_HTTP2_UNSUPPORTED';
}
