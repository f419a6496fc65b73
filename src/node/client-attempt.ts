import { randomBytes } from 'node:crypto';
import {
  type ClientRequest as HttpClientRequest,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import type { Socket } from 'node:net';
import {
  checkUpgradeResponse,
  type ExpectedUpgrade,
  serializeUpgradeRequest,
  type UpgradeRequestOptions,
  upgradeRequestHeaders,
} from '../handshake/client-handshake.ts';
import {
  type DeflateNegotiationOptions,
  type DeflateParameters,
  offerDeflate,
} from '../handshake/deflate-offer.ts';
import type { ResponseHead } from '../handshake/http-head.ts';
import { Dialler, type DialTarget } from './dial.ts';
import { incomingResponse } from './incoming-message.ts';
import { sha1Base64 } from './sha1.ts';

/** What to ask for, and where. */
export interface ClientRequest {
  readonly target: DialTarget;
  /** The request, but for what each attempt draws anew. */
  readonly upgrade: Omit<UpgradeRequestOptions, 'key' | 'extensions'>;
  /** The offer of permessage-deflate; `undefined` for none. */
  readonly deflate: DeflateNegotiationOptions | undefined;
  /** How long the opening handshake may take, in milliseconds; 0 for no limit. */
  readonly handshakeTimeout: number;
}

/** An opening handshake that succeeded. */
export interface Opened {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly subprotocol: string;
  readonly deflate: DeflateParameters | undefined;
}

export interface AttemptEvents {
  /** Whether the response to another status than 101 is to be handed over with its body. */
  wantsUnexpectedResponse(): boolean;
  onUnexpectedResponse(request: HttpClientRequest, response: IncomingMessage): void;
  /** The response is 101 and has not been checked yet. */
  onUpgrade(response: IncomingMessage): void;
  onOpened(opened: Opened): void;
  onFailed(error: Error): void;
}

/** One opening handshake of a client (RFC 6455 §4.1). */
export class ClientAttempt {
  readonly #events: AttemptEvents;
  readonly #request: UpgradeRequestOptions;
  readonly #expected: ExpectedUpgrade;
  readonly #dialler: Dialler;
  readonly #timer: NodeJS.Timeout | undefined;
  #httpRequest: HttpClientRequest | undefined;
  #over = false;

  constructor({ target, upgrade, deflate, handshakeTimeout }: ClientRequest, events: AttemptEvents) {
    const key = randomBytes(16).toString('base64');
    const extensions = deflate === undefined ? undefined : offerDeflate(deflate);
    this.#events = events;
    this.#request = { ...upgrade, key, extensions };
    this.#expected = { key, subprotocols: upgrade.subprotocols, deflate };
    // Refuses header values that would break the request before a socket is opened.
    const head = serializeUpgradeRequest(this.#request);
    this.#dialler = new Dialler(target, {
      onConnect: () => this.#onConnect(head),
      onResponse: (response, rest) => this.#onResponse(response, rest),
      onError: (error) => this.#fail(error),
    });
    if (handshakeTimeout > 0) {
      this.#timer = setTimeout(
        () => this.#fail(new Error('Opening handshake has timed out')),
        handshakeTimeout,
      );
    }
  }

  /** Gives up: no event comes any more. */
  abort(): void {
    this.#finish();
    this.#dialler.abort();
    this.#httpRequest?.destroy();
  }

  #onConnect(head: string): void {
    if (this.#events.wantsUnexpectedResponse()) this.#requestOverHttp();
    else this.#dialler.request(head);
  }

  #onResponse(response: ResponseHead, rest: Buffer): void {
    const message = incomingResponse(response, this.#dialler.socket);
    if (response.statusCode === 101) this.#onUpgrade(message, rest);
    else this.#fail(unexpectedResponse(response.statusCode));
  }

  /** Hands the connected socket to node:http, which can read the body of a refusal. */
  #requestOverHttp(): void {
    const { socket } = this.#dialler;
    this.#dialler.release();
    const request = httpRequest({
      createConnection: () => socket,
      path: this.#request.target,
      setHost: false,
    });
    for (const [name, value] of upgradeRequestHeaders(this.#request)) request.appendHeader(name, value);
    this.#httpRequest = request;
    request.on('upgrade', (response, _socket, head) => this.#onUpgrade(response, head));
    request.on('response', (response) => {
      this.#finish();
      this.#events.onUnexpectedResponse(request, response);
    });
    request.on('error', (error) => this.#fail(error));
    request.end();
  }

  #onUpgrade(response: IncomingMessage, head: Buffer): void {
    this.#events.onUpgrade(response);
    if (this.#over) return;
    let checked: ReturnType<typeof checkUpgradeResponse>;
    try {
      checked = checkUpgradeResponse(response, this.#expected, sha1Base64);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#finish();
    this.#events.onOpened({ socket: this.#dialler.socket, head, ...checked });
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.abort();
    this.#events.onFailed(error);
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}

/** The error of a response with another status than 101. */
function unexpectedResponse(statusCode: number | undefined): Error {
  return new Error(`Unexpected server response: ${statusCode}`);
}
