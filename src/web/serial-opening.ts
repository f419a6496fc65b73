import dns, { type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { ClientAttempt } from '../node/client-attempt.ts';
import type { ClientRequest, Opened } from '../node/opening-handshake.ts';
import { ConnectingTurns } from './connecting-turns.ts';

export interface OpeningEvents {
  /** Whose opening it is. */
  readonly websocket: object;
  /** @param extensions - The header that the server answered with, or ''. */
  onOpened(opened: Opened, extensions: string): void;
  onFailed(error: Error): void;
}

const turns = new ConnectingTurns();

/**
 * An opening handshake that begins when no other is under way to the same IP address and port, whatever the names that
 * led there; through a proxy, to the same name (RFC 6455 §4.1 item 2).
 */
export class SerialOpening {
  readonly #events: OpeningEvents;
  #attempt: ClientAttempt | undefined;
  #endTurn: (() => void) | undefined;
  #over = false;

  constructor(request: ClientRequest, events: OpeningEvents) {
    this.#events = events;
    const { host, proxy } = request.target;
    if (proxy !== undefined) {
      // "if all communication is being done through a proxy", each name stands for another host.
      this.#begin([host], request);
      return;
    }
    dns.lookup(host, { all: true }, (error, addresses) => {
      if (error) this.#fail(error);
      else
        this.#begin(
          addresses.map(({ address }) => address),
          resolved(request, addresses),
        );
    });
  }

  /** Gives up: no event comes any more. */
  abort(): void {
    this.#over = true;
    this.#attempt?.abort();
    this.#endTurn?.();
  }

  #begin(hosts: readonly string[], request: ClientRequest): void {
    this.#waitFor(hosts, request).catch((error) => this.#fail(error));
  }

  async #waitFor(hosts: readonly string[], request: ClientRequest): Promise<void> {
    if (this.#over) return;
    const { port } = request.target;
    const endTurn = await turns.take(hosts.map((host) => `${host} ${port}`));
    if (this.#over) return endTurn();
    this.#endTurn = endTurn;
    this.#open(request);
  }

  #open(request: ClientRequest): void {
    let extensions = '';
    this.#attempt = new ClientAttempt(request, {
      websocket: this.#events.websocket,
      wantsUnexpectedResponse: () => false,
      onUnexpectedResponse: () => {},
      onUpgrade: ({ headers }) => {
        extensions = headers['sec-websocket-extensions'] ?? '';
      },
      onOpened: (opened) => {
        this.#endTurn?.();
        this.#events.onOpened(opened, extensions);
      },
      onFailed: (error) => this.#fail(error),
    });
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.abort();
    this.#events.onFailed(error);
  }
}

/** Makes the request go to the addresses that had their turn: a second look-up might find others. */
function resolved(request: ClientRequest, addresses: readonly LookupAddress[]): ClientRequest {
  const { target } = request;
  return { ...request, target: { ...target, options: { ...target.options, lookup: lookupOf(addresses) } } };
}

function lookupOf(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}
