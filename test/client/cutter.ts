import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP proxy in front of a hub whose connections the test cuts. */
export class Cutter {
  readonly url: string;
  readonly #sockets: ReadonlySet<Socket>;
  /** What leads to the hub, and the client that it is for. */
  readonly #upstreams: ReadonlyMap<Socket, Socket>;
  #refuses = false;

  private constructor(url: string, sockets: ReadonlySet<Socket>, upstreams: ReadonlyMap<Socket, Socket>) {
    this.url = url;
    this.#sockets = sockets;
    this.#upstreams = upstreams;
  }

  static async before(hubUrl: string): Promise<Cutter> {
    const sockets = new Set<Socket>();
    const upstreams = new Map<Socket, Socket>();
    const server = createServer({ noDelay: true }, (client) => {
      if (cutter.#refuses) return client.resetAndDestroy();
      const upstream = connect({ port: Number(new URL(hubUrl).port), host: '127.0.0.1', noDelay: true });
      upstreams.set(upstream, client);
      join(client, upstream);
      join(upstream, client);
      return undefined;
    });
    const join = (from: Socket, to: Socket): void => {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        upstreams.delete(from);
        to.destroy();
      });
      from.pipe(to);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cutter = new Cutter(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, upstreams);
    onTestFinished(() => {
      server.close();
      cutter.cut();
    });
    return cutter;
  }

  /** Cuts all connections, wherever their messages are. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Keeps back what the hub sends on the connections that there are, until the next call; what it is sent gets through. */
  hush(hushes: boolean): void {
    for (const [upstream, client] of this.#upstreams) {
      upstream.unpipe(client);
      if (!hushes) upstream.pipe(client);
    }
  }

  /** Refuses connections, until the next call. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
  }
}
