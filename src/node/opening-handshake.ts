import { randomBytes } from 'node:crypto';
import type { ClientRequest as HttpClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { HandshakeTrace } from '../diagnostics/handshake.ts';
import {
  checkUpgradeResponse,
  type ExpectedUpgrade,
  type ServerAgreement,
  type UpgradeRequestOptions,
} from '../handshake/client-handshake.ts';
import {
  type DeflateNegotiationOptions,
  type DeflateParameters,
  offerDeflate,
} from '../handshake/deflate-offer.ts';
import type { DialTarget } from './dial.ts';
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
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly subprotocol: string;
  readonly deflate: DeflateParameters | undefined;
}

export interface AttemptEvents {
  /** Whose attempt it is: what diagnostics name. */
  readonly websocket: object;
  /** Whether the response to another status than 101 is to be handed over with its body. */
  wantsUnexpectedResponse(): boolean;
  onUnexpectedResponse(request: HttpClientRequest, response: IncomingMessage): void;
  /** The response is 101 and has not been checked yet. */
  onUpgrade(response: IncomingMessage): void;
  onOpened(opened: Opened): void;
  onFailed(error: Error): void;
}

/** One opening handshake of a client (RFC 6455 §4.1, RFC 8441 §5), whoever writes the request and reads the response. */
export abstract class OpeningHandshake {
  protected readonly request: UpgradeRequestOptions;
  protected readonly events: AttemptEvents;
  /** Where somebody listens to that. */
  readonly #trace: HandshakeTrace | undefined;
  protected readonly expected: ExpectedUpgrade;
  readonly #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor({ target, upgrade, deflate, handshakeTimeout }: ClientRequest, events: AttemptEvents) {
    const key = randomBytes(16).toString('base64');
    const extensions = deflate === undefined ? undefined : offerDeflate(deflate);
    this.events = events;
    this.request = { ...upgrade, key, extensions };
    this.expected = { key, subprotocols: upgrade.subprotocols, deflate };
    const url = `${target.secure ? 'wss' : 'ws'}://${upgrade.host ?? target.host}${upgrade.target}`;
    this.#trace = HandshakeTrace.begin('client', url, events);
    if (handshakeTimeout > 0) {
      this.#timer = setTimeout(
        () => this.fail(new Error('Opening handshake has timed out')),
        handshakeTimeout,
      );
    }
  }

  /** Gives up: no event comes any more. */
  abort(): void {
    this.#trace?.refuse(undefined);
    this.finish();
    this.drop();
  }

  /** Destroys whatever the attempt holds. */
  protected abstract drop(): void;

  /** Takes the answers of node:http to `request`. */
  protected listenTo(request: HttpClientRequest): void {
    request.on('upgrade', (response, socket, head) => this.onUpgrade(response, socket, head));
    request.on('response', (response) => this.onResponse(request, response));
    request.on('error', (error) => this.fail(error));
  }

  /** The response of node:http has another status than 101. */
  protected onResponse(request: HttpClientRequest, response: IncomingMessage): void {
    this.traceResponse(response.statusCode);
    if (!this.events.wantsUnexpectedResponse()) return this.fail(unexpectedResponse(response.statusCode));
    this.finish();
    this.events.onUnexpectedResponse(request, response);
  }

  protected onUpgrade(response: IncomingMessage, socket: Duplex, head: Buffer): void {
    const check = (): ServerAgreement => checkUpgradeResponse(response, this.expected, sha1Base64);
    this.onAccepted(response, { socket, head }, check);
  }

  /** The response accepts, if it is as `check` wants it. */
  protected onAccepted(
    response: IncomingMessage,
    carrier: Pick<Opened, 'socket' | 'head'>,
    check: () => ServerAgreement,
  ): void {
    this.events.onUpgrade(response);
    if (this.#over) return;
    let checked: ServerAgreement;
    try {
      checked = check();
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.finish();
    this.#trace?.succeed(this.events.websocket);
    this.events.onOpened({ ...carrier, ...checked });
  }

  /** Whether it has ended, in whatever way. */
  protected get over(): boolean {
    return this.#over;
  }

  /** A response came whose status is not 101. */
  protected traceResponse(statusCode: number | undefined): void {
    this.#trace?.refuse(statusCode, unexpectedResponse(statusCode));
  }

  protected fail(error: Error): void {
    if (this.#over) return;
    this.#trace?.refuse(undefined, error);
    this.abort();
    this.events.onFailed(error);
  }

  /** No request can be made: no event comes, but the exception. */
  protected cannotBegin(error: unknown): never {
    this.#trace?.refuse(undefined, error as Error);
    this.finish();
    throw error;
  }

  protected finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}

/** Makes the error of a response with another status than 101. */
export function unexpectedResponse(statusCode: number | undefined): Error {
  return new Error(`Unexpected server response: ${statusCode}`);
}
