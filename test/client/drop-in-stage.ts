import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket as PartySocket } from 'partysocket';
import Abandoned from 'reconnecting-websocket';
import { onTestFinished } from 'vitest';
import {
  type FamiliarOptions,
  type ReconnectingOptions,
  ReconnectingWebSocket,
} from '../../src/client/index.ts';
import { type WebSocket as ServerSocket, WebSocketServer } from '../../src/index.ts';
import { WebSocket } from '../../src/web/index.ts';

export type Options = FamiliarOptions & Pick<ReconnectingOptions, 'WebSocket' | 'maxRetries' | 'startClosed'>;
type Url = string | (() => string | Promise<string>);
type Protocols = string | string[] | (() => string[] | Promise<string[]>);

/** What all of them have. */
export type Client = Pick<
  ReconnectingWebSocket,
  | 'addEventListener'
  | 'close'
  | 'onclose'
  | 'onerror'
  | 'onmessage'
  | 'onopen'
  | 'readyState'
  | 'removeEventListener'
  | 'url'
  | 'protocol'
> & {
  binaryType: string;
  bufferedAmount: number;
  retryCount: number;
  reconnect(code?: number, reason?: string): void;
  send(data: string | ArrayBufferView | ArrayBuffer | Blob): unknown;
};

export type Implementation = new (url: Url, protocols?: Protocols, options?: Options) => Client;

export const IMPLEMENTATIONS = {
  'reconnecting-websocket': Abandoned as unknown as Implementation,
  partysocket: PartySocket as unknown as Implementation,
  'hawser/client': ReconnectingWebSocket as unknown as Implementation,
};

export const OPTIONS: Options = {
  WebSocket,
  minReconnectionDelay: 1,
  maxReconnectionDelay: 5,
  reconnectionDelayGrowFactor: 1,
  minUptime: 0,
  connectionTimeout: 10_000,
};

export interface ClientInit {
  readonly url?: Url;
  readonly protocols?: Protocols;
  readonly options?: Options;
}

/** One implementation, a server whose part the test plays, and what either of them saw. */
export class Stage {
  readonly url: string;
  /** The events of the clients. */
  readonly log: string[] = [];
  /** What the server got: `connection`, the messages, `close <code> <reason>`. */
  readonly heard: string[] = [];
  readonly #Class: Implementation;
  readonly #peers: ServerSocket[] = [];
  readonly #written = new EventEmitter();
  /** Handshakes that wait for {@link admit}; `undefined`: none has to. */
  #held: Array<(admits: boolean) => void> | undefined;

  private constructor(Class: Implementation, server: WebSocketServer) {
    this.#Class = Class;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    server.on('connection', (peer) => this.#onConnection(peer));
  }

  static async of(Class: Implementation): Promise<Stage> {
    const server: WebSocketServer = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      verifyClient: (_info, admit) => stage.#onHandshake(admit),
    });
    onTestFinished(() => {
      stage.admit();
      for (const peer of server.clients) peer.terminate();
      server.close();
    });
    await once(server, 'listening');
    const stage: Stage = new Stage(Class, server);
    return stage;
  }

  /** Makes a client, and writes down its events. */
  create({ url = this.url, protocols = [], options = {} }: ClientInit = {}): Client {
    const ws = new this.#Class(url, protocols, { ...OPTIONS, ...options });
    onTestFinished(() => ws.close());
    ws.addEventListener('open', () => this.write('open'));
    ws.addEventListener('message', ({ data }) => this.write(`message ${data}`));
    ws.addEventListener('error', () => this.write('error'));
    ws.addEventListener('close', ({ code }) => this.write(`close ${code}`));
    return ws;
  }

  /** Adds to what the clients saw. */
  write(entry: string): void {
    this.log.push(entry);
    this.#written.emit('entry');
  }

  /** Waits until the clients have seen so much. */
  async seen(entries: number): Promise<string[]> {
    while (this.log.length < entries) await once(this.#written, 'entry');
    return this.log;
  }

  /** Waits until the server has got so much. */
  async got(entries: number): Promise<string[]> {
    while (this.heard.length < entries) await once(this.#written, 'heard');
    return this.heard;
  }

  /** Waits for the server's end of the n-th connection, from 0. */
  async peer(n: number): Promise<ServerSocket> {
    while (this.#peers.length <= n) await once(this.#written, 'heard');
    return this.#peers[n]!;
  }

  /** Keeps clients waiting for the answer to their handshake. */
  hold(): void {
    this.#held ??= [];
  }

  /** Answers the handshakes that wait, and those that come. */
  admit(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const admit of held) admit(true);
  }

  /** Waits longer than a client does that comes back: another one is closed twice, and comes back. */
  async settle(): Promise<void> {
    const stage = await Stage.of(this.#Class);
    const ws = stage.create();
    for (const n of [0, 1]) (await stage.peer(n)).close(4000);
    await stage.peer(2);
    await stage.seen(5);
    ws.close();
  }

  #onHandshake(admit: (admits: boolean) => void): void {
    if (this.#held) this.#held.push(admit);
    else admit(true);
  }

  #onConnection(peer: ServerSocket): void {
    this.#peers.push(peer);
    this.#hear('connection');
    peer.on('message', (data, isBinary) =>
      this.#hear(isBinary ? `bytes ${data.toString('hex')}` : String(data)),
    );
    peer.on('close', (code, reason) => this.#hear(`close ${code} ${reason}`.trim()));
  }

  #hear(entry: string): void {
    this.heard.push(entry);
    this.#written.emit('heard');
  }
}
