import { type ClientRequest as HttpClientRequest, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { serializeUpgradeRequest, upgradeRequestHeaders } from '../handshake/client-handshake.ts';
import type { ResponseHead } from '../handshake/http-head.ts';
import { type DialEvents, Dialler } from './dial.ts';
import { incomingResponse } from './incoming-message.ts';
import {
  type AttemptEvents,
  type ClientRequest,
  OpeningHandshake,
  unexpectedResponse,
} from './opening-handshake.ts';

/** An opening handshake over our own dialler. */
export class ClientAttempt extends OpeningHandshake {
  readonly #dialler: Dialler;
  /** The request's. */
  #head = '';
  #httpRequest: HttpClientRequest | undefined;

  /**
   * @param connected - A socket that leads there already.
   * @throws {TypeError} A header or the target has characters that don't belong there; no socket is opened.
   */
  constructor(request: ClientRequest, events: AttemptEvents, connected?: Socket) {
    super(request, events);
    this.#dialler = this.#dial(request, connected);
    if (connected !== undefined) process.nextTick(() => this.#onConnect());
  }

  protected override drop(): void {
    this.#dialler.abort();
    this.#httpRequest?.destroy();
  }

  #dial({ target }: ClientRequest, connected: Socket | undefined): Dialler {
    try {
      this.#head = serializeUpgradeRequest(this.request);
      const events: DialEvents = {
        onConnect: () => this.#onConnect(),
        onResponse: (response, rest) => this.#onHead(response, rest),
        onError: (error) => this.fail(error),
      };
      return new Dialler(target, events, connected);
    } catch (error) {
      this.cannotBegin(error);
    }
  }

  #onConnect(): void {
    if (this.over) return;
    // Only node:http can read the body of a refusal; by now it is known whether somebody wants it.
    if (this.events.wantsUnexpectedResponse()) this.#requestOverHttp();
    else this.#dialler.request(this.#head);
  }

  #onHead(response: ResponseHead, rest: Buffer): void {
    const { socket } = this.#dialler;
    if (response.statusCode === 101) {
      this.onUpgrade(incomingResponse(response, socket), socket, rest);
      return;
    }
    this.traceResponse(response.statusCode);
    this.fail(unexpectedResponse(response.statusCode));
  }

  #requestOverHttp(): void {
    const { socket } = this.#dialler;
    this.#dialler.release();
    const request = httpRequest({
      createConnection: () => socket,
      path: this.request.target,
      setHost: false,
    });
    for (const [name, value] of upgradeRequestHeaders(this.request)) request.appendHeader(name, value);
    this.#httpRequest = request;
    this.listenTo(request);
    request.end();
  }
}
