import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP proxy in front of a hub whose connections the test cuts. */
export class Cutter {
  readonly url: string;
  readonly #sockets: ReadonlySet<Socket>;
  #refuses = false;

  private constructor(url: string, sockets: ReadonlySet<Socket>) {
    this.url = url;
    this.#sockets = sockets;
  }

  static async before(hubUrl: string): Promise<Cutter> {
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (client) => {
      if (cutter.#refuses) return client.resetAndDestroy();
      const upstream = connect({ port: Number(new URL(hubUrl).port), host: '127.0.0.1', noDelay: true });
      join(client, upstream);
      join(upstream, client);
      return undefined;
    });
    const join = (from: Socket, to: Socket): void => {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cutter = new Cutter(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets);
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

  /** Refuses connections, until the next call. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
  }
}
