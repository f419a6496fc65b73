import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { traceRefusal, traceRequest, traceUpgrade } from '../diagnostics/server-handshakes.ts';
import { isOriginAllowed } from '../handshake/origin.ts';
import {
  type Negotiation,
  negotiateOpening,
  type Opening,
  type Refusal,
} from '../handshake/server-handshake.ts';
import { isCarrier } from '../node/connection.ts';
import { textInOwnMemory } from '../node/own-memory.ts';
import { orDestroy, type ServerCarrier } from '../node/server-carrier.ts';
import {
  DEFAULTS,
  deflateOptions,
  type PerMessageDeflateOptions,
  type ServerOptions,
  type VerifyClientCallbackAsync,
  type WebSocketClass,
} from './options.ts';
import type { PendingUpgrades } from './pending-upgrades.ts';
import { WebSocket } from './websocket.ts';

/** What an opening handshake needs of its server. */
export interface OpeningHost<
  ConnectionClass extends WebSocketClass,
  RequestClass extends typeof IncomingMessage,
> {
  /** The options as they are now. */
  readonly options: ServerOptions<ConnectionClass, RequestClass>;
  readonly pending: PendingUpgrades;
  /** The answer to every client that comes now; `undefined` when connections are taken. */
  readonly refusal: Refusal | undefined;
  /** Whether {@link refusal} is for want of room, so that the client may come back. */
  readonly unavailable: boolean;
  shouldHandle(request: InstanceType<RequestClass>): boolean | Promise<boolean>;
  /** Called with the response before it is written; the lines may be changed. */
  onHeaders(lines: string[], request: InstanceType<RequestClass>): void;
  /** Hands over a request that is to be refused, with its socket; returns false when nobody takes it. */
  onBadRequest(error: Error, socket: Duplex, request: InstanceType<RequestClass>): boolean;
  /** Called with a connection that has begun, before anybody else. */
  onOpened(ws: InstanceType<ConnectionClass>): void;
}

/** What was agreed. */
interface Agreement {
  readonly negotiation: Negotiation;
  /** How to compress, where that was agreed; read once, as the options may be changed meanwhile. */
  readonly tuning: PerMessageDeflateOptions | undefined;
}

/** A `verifyClient` that decides by what it returns. */
type Decide = (this: object, info: object) => unknown;

/**
 * The server's part of one opening handshake, whatever carries it: from the request to the connection, or to the refusal
 * (RFC 6455 §4.2, RFC 8441 §5).
 */
export class ServerOpening<
  ConnectionClass extends WebSocketClass,
  RequestClass extends typeof IncomingMessage,
> {
  readonly #host: OpeningHost<ConnectionClass, RequestClass>;
  readonly #request: InstanceType<RequestClass>;
  readonly #carrier: ServerCarrier;
  readonly #head: Buffer;
  readonly #callback: (ws: InstanceType<ConnectionClass>, request: InstanceType<RequestClass>) => void;
  /** Whether it is known what becomes of it. */
  #decided = false;

  /** @param head - What came behind the request. */
  constructor(
    host: OpeningHost<ConnectionClass, RequestClass>,
    request: InstanceType<RequestClass>,
    carrier: ServerCarrier,
    head: Buffer,
    callback: (ws: InstanceType<ConnectionClass>, request: InstanceType<RequestClass>) => void,
  ) {
    this.#host = host;
    this.#request = request;
    this.#carrier = carrier;
    this.#head = head;
    this.#callback = callback;
  }

  /** Checks the request, and goes on as far as no hook makes it wait. @throws {Error} The socket was given before. */
  begin(): void {
    const carrier = this.#carrier;
    const { pending, refusal: closed, unavailable } = this.#host;
    carrier.socket.on('error', destroyEmitter);
    // What is a WebSocket's already is not to be answered; it throws further on.
    const isAnswerable = !isCarrier(carrier.socket);
    if (isAnswerable) traceRequest(carrier.socket, this.#request);
    if (unavailable && isAnswerable) {
      carrier.refuse(closed!);
      return;
    }
    const { opening, refusal } = carrier.check();
    if (refusal !== undefined) {
      this.#refuseBadRequest(refusal);
      return;
    }
    try {
      this.#whenDecided(this.#host.shouldHandle(this.#request), (handled) => {
        if (handled) this.#negotiate(opening);
        else this.#refuse({ statusCode: 400, message: '' });
      });
    } finally {
      // A hook that throws has not answered either.
      if (!this.#decided) {
        pending.add(carrier, this.#host.options.handshakeTimeout ?? DEFAULTS.serverHandshakeTimeout);
      }
    }
  }

  #setDecided(): void {
    this.#decided = true;
    this.#host.pending.delete(this.#carrier.socket);
  }

  #refuse(refusal: Refusal): void {
    this.#setDecided();
    this.#carrier.refuse(refusal);
  }

  #refuseBadRequest(refusal: Refusal): void {
    this.#setDecided();
    // Also where somebody else answers.
    traceRefusal(this.#carrier.socket, refusal.statusCode);
    const error = new Error(refusal.message);
    const { socket } = this.#carrier;
    if (!this.#host.onBadRequest(error, socket, this.#request)) this.#carrier.refuse(refusal);
  }

  #negotiate(opening: Opening): void {
    const from = { headers: this.#request.headers, secure: isSecure(this.#carrier.socket) };
    if (!isOriginAllowed(this.#host.options.origins ?? 'any', from)) {
      this.#refuseBadRequest({ statusCode: 403, message: 'Origin not allowed' });
      return;
    }
    const tuning = deflateOptions(this.#host.options.perMessageDeflate);
    const { negotiation, refusal } = negotiateOpening(opening, tuning);
    if (refusal !== undefined) this.#refuseBadRequest(refusal);
    else this.#verify({ negotiation, tuning });
  }

  #verify(agreement: Agreement): void {
    const { options } = this.#host;
    if (!options.verifyClient) {
      this.#complete(agreement);
      return;
    }
    const request = this.#request;
    const decided: VerifyClientDecision = (accepted, statusCode, message, headers) => {
      if (accepted) this.#complete(agreement);
      else this.#refuse(clientRefusal(statusCode, message, headers));
    };
    const info = {
      origin: originOf(request, agreement.negotiation),
      secure: isSecure(request.socket),
      req: request,
    };
    if (options.verifyClient.length === 2) options.verifyClient(info, decided);
    else this.#whenDecided((options.verifyClient as Decide).call(options, info), decided);
  }

  #complete({ negotiation, tuning = {} }: Agreement): void {
    const host = this.#host;
    const carrier = this.#carrier;
    const { socket } = carrier;
    this.#setDecided();
    // The client may have gone while it was being verified.
    if (!carrier.isOpen) return void socket.destroy();
    if (isCarrier(socket)) {
      throw new Error(
        'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration',
      );
    }
    const { options, refusal } = host;
    if (refusal !== undefined) {
      carrier.refuse(refusal);
      return;
    }
    const Class: WebSocketClass = options.WebSocket ?? WebSocket;
    const ws = new Class(null, undefined, options) as InstanceType<ConnectionClass>;
    const subprotocol =
      orDestroy(socket, () => this.#chooseSubprotocol(negotiation.subprotocols)) || undefined;
    carrier.accept({
      subprotocol,
      extensions: negotiation.deflate?.response,
      onLines: (lines) => host.onHeaders(lines, this.#request),
      fastPath: options.fastPath,
    });
    socket.off('error', destroyEmitter);
    traceUpgrade(socket, ws);
    const deflate = negotiation.deflate && { parameters: negotiation.deflate.parameters, tuning };
    // It is a part of the request's head, which is not to be kept for it.
    const kept = subprotocol && textInOwnMemory(subprotocol);
    ws.setSocket(socket, this.#head, options, { subprotocol: kept, deflate });
    host.onOpened(ws);
    this.#callback(ws, this.#request);
  }

  /**
   * Goes on with what a hook decided, at once; where it returned a promise, which would be a "yes" to everybody, when
   * that is settled. Its rejection is the application's, and is surfaced.
   */
  #whenDecided(decision: unknown, next: (yes: boolean) => void): void {
    if (!isThenable(decision)) {
      next(Boolean(decision));
      return;
    }
    void Promise.resolve(decision).then(
      (yes) => next(Boolean(yes)),
      (error) => {
        this.#refuse({ statusCode: 500, message: '' });
        throw error;
      },
    );
  }

  #chooseSubprotocol(offered: Set<string>): string | false | undefined {
    if (offered.size === 0) return undefined;
    const { options } = this.#host;
    return options.handleProtocols
      ? options.handleProtocols(offered, this.#request)
      : offered.values().next().value;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** What `verifyClient` refuses with; callers in JavaScript bring `null` and numbers in strings. */
function clientRefusal(...[statusCode, message, headers]: VerifyClientArguments): Refusal {
  return {
    statusCode: Number(statusCode || 401),
    message: message || '',
    headers: headers ?? {},
  };
}

type VerifyClientDecision = Parameters<VerifyClientCallbackAsync>[1];
type VerifyClientArguments = Parameters<VerifyClientDecision> extends [boolean, ...infer Rest] ? Rest : never;

function originOf(request: IncomingMessage, { version }: Negotiation): string {
  return request.headers[version === 8 ? 'sec-websocket-origin' : 'origin'] as string;
}

function isSecure(socket: Duplex): boolean {
  const { authorized, encrypted } = socket as Duplex & { authorized?: boolean; encrypted?: boolean };
  return Boolean(authorized || encrypted);
}

function destroyEmitter(this: Duplex): void {
  this.destroy();
}
