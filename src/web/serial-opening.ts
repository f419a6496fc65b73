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
 * led there (RFC 6455 §4.1 item 2).
 */
export class SerialOpening {
  readonly #request: ClientRequest;
  readonly #events: OpeningEvents;
  #attempt: ClientAttempt | undefined;
  #endTurn: (() => void) | undefined;
  #over = false;

  constructor(request: ClientRequest, events: OpeningEvents) {
    this.#request = request;
    this.#events = events;
    dns.lookup(request.target.host, { all: true }, (error, addresses) => {
      if (error) this.#fail(error);
      else this.#waitFor(addresses).catch((error) => this.#fail(error));
    });
  }

  /** Gives up: no event comes any more. */
  abort(): void {
    this.#over = true;
    this.#attempt?.abort();
    this.#endTurn?.();
  }

  async #waitFor(addresses: readonly LookupAddress[]): Promise<void> {
    if (this.#over) return;
    const { port } = this.#request.target;
    const endTurn = await turns.take(addresses.map(({ address }) => `${address} ${port}`));
    if (this.#over) return endTurn();
    this.#endTurn = endTurn;
    this.#open(addresses);
  }

  #open(addresses: readonly LookupAddress[]): void {
    let extensions = '';
    this.#attempt = new ClientAttempt(resolved(this.#request, addresses), {
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
