import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from '../../src/index.ts';
import { SUBPROTOCOL, serializeBinaryMessage, type WireMessage } from '../../src/wire/index.ts';

/** A client that speaks the protocol by hand. */
export class WireClient {
  readonly ws: WebSocket;
  readonly #received: WireMessage[] = [];
  readonly #waiting: Array<{
    wanted: (message: WireMessage) => boolean;
    found: (message: WireMessage) => void;
  }> = [];
  readonly #closed: Promise<number>;
  #lastId = 0;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    this.#closed = new Promise((resolve) => ws.once('close', resolve));
    ws.on('message', (data, isBinary) =>
      this.#receive(isBinary ? parseBinary(data as Buffer) : JSON.parse(String(data))),
    );
  }

  /** Opens a client without $hello. */
  static async plain(url: string, options: ClientOptions = {}): Promise<WireClient> {
    return WireClient.#open(url, undefined, options);
  }

  /** Opens a client that knows the protocol, and has not said $hello. */
  static async silent(url: string, options: ClientOptions = {}): Promise<WireClient> {
    return WireClient.#open(url, SUBPROTOCOL, options);
  }

  /** Opens a client that offers these subprotocols. */
  static async offering(url: string, protocols: string[]): Promise<WireClient> {
    return WireClient.#open(url, protocols, {});
  }

  /** Opens a client that says $hello; `hello` is what it goes on with. */
  static async hello(
    url: string,
    hello: { session?: string; rooms?: Record<string, string> } = {},
    options: ClientOptions = {},
  ): Promise<{ client: WireClient; welcome: Welcome }> {
    const client = await WireClient.#open(url, SUBPROTOCOL, options);
    return { client, welcome: (await client.request('$hello', hello)) as Welcome };
  }

  static async #open(
    url: string,
    protocol: string | string[] | undefined,
    options: ClientOptions,
  ): Promise<WireClient> {
    const ws = new WebSocket(url, protocol, options);
    onTestFinished(() => ws.terminate());
    const client = new WireClient(ws);
    await once(ws, 'open');
    return client;
  }

  /** All that came and nobody took. */
  get received(): WireMessage[] {
    return this.#received;
  }

  send(message: WireMessage): void {
    const { data } = message;
    this.ws.send(
      data instanceof Uint8Array ? serializeBinaryMessage({ ...message, data }) : JSON.stringify(message),
    );
  }

  /** Sends a request and returns the data of its answer. Rejects with that of an error. */
  async request(type: string, data?: unknown, more: Partial<WireMessage> = {}): Promise<unknown> {
    const id = ++this.#lastId;
    this.send({ type, data, id, ...more });
    const answer = await this.next((message) => message.id === id && /^\$(reply|error)$/.test(message.type));
    if (answer.type === '$reply') return answer.data;
    throw Object.assign(new Error('refused'), answer.data);
  }

  /** Takes the next message that is wanted, by its type or otherwise; it may have come already. */
  async next(wanted: string | ((message: WireMessage) => boolean)): Promise<WireMessage> {
    const matches = typeof wanted === 'string' ? ({ type }: WireMessage) => type === wanted : wanted;
    const index = this.#received.findIndex(matches);
    if (index !== -1) return this.#received.splice(index, 1)[0]!;
    return new Promise((found) => this.#waiting.push({ wanted: matches, found }));
  }

  /** Waits until all that the hub sent before now has come; returns what nobody took. */
  async settle(): Promise<WireMessage[]> {
    await this.request('$ping');
    return this.#received;
  }

  /** Closes; returns the code of the close. */
  async close(code = 1000): Promise<number> {
    this.ws.close(code);
    return this.#closed;
  }

  /** Waits for the close, which may have been; returns its code. */
  closed(): Promise<number> {
    return this.#closed;
  }

  #receive(message: WireMessage): void {
    const index = this.#waiting.findIndex(({ wanted }) => wanted(message));
    if (index === -1) this.#received.push(message);
    else this.#waiting.splice(index, 1)[0]!.found(message);
  }
}

/** What $hello is answered with. */
export interface Welcome {
  readonly id: string;
  readonly session: string;
  readonly resumed: boolean;
  readonly rooms?: Record<string, { offset: string; gap: boolean }>;
}

function parseBinary(bytes: Buffer): WireMessage {
  const end = 3 + bytes.readUInt16BE(1);
  return { ...JSON.parse(bytes.toString('utf8', 3, end)), data: bytes.subarray(end) };
}
