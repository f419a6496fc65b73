import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can stall, be cut, and be healed. */
export class StallingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: 'whole' | 'stalled' | 'cut' = 'whole';

  private constructor(port: number) {
    this.#server = createServer({ noDelay: true }, (client) => this.#onConnection(client, port));
  }

  /** Starts a proxy before a port of the loopback interface. */
  static async start(port: number): Promise<StallingProxy> {
    const proxy = new StallingProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Lets nothing through, and nobody know: what is sent waits for {@link heal}. */
  stall(): void {
    this.#state = 'stalled';
    for (const socket of this.#sockets) socket.pause();
  }

  /** Ends all connections, and new ones at once. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets everything through again, also what has waited. */
  heal(): void {
    this.#state = 'whole';
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #onConnection(client: Socket, port: number): void {
    if (this.#state === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#pass(client, upstream);
    this.#pass(upstream, client);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    // What was sent before the end still gets there.
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => this.#sockets.delete(from));
    if (this.#state === 'stalled') from.pause();
  }
}
