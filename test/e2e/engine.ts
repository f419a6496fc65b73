import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ServerOptions } from '../../src/api/options.ts';
import { WebSocketServer } from '../../src/index.ts';
import { closeServer, createPageServer, listen } from './browser.ts';
import type { Certificate } from './certificate.ts';

/** 'attached' shares the port of the page's HTTP server; 'raw' is the engine's own server on a port of its own. */
export type Transport = 'attached' | 'raw';

export interface Engine {
  wss: WebSocketServer;
  pageUrl: string;
  wsUrl: string;
  close(): Promise<void>;
}

/** Starts a server of the engine, and one of the page that talks to it; with a certificate, both over TLS. */
export async function startEngine({
  transport,
  certificate,
  options = {},
}: {
  transport: Transport;
  certificate?: Certificate;
  options?: ServerOptions;
}): Promise<Engine> {
  const pageServer = createPageServer(certificate);
  const pagePort = await listen(pageServer);
  const wss =
    transport === 'attached'
      ? new WebSocketServer({ ...options, server: pageServer })
      : new WebSocketServer({
          ...options,
          port: 0,
          host: '127.0.0.1',
          ...(certificate && { tls: certificate }),
        });
  if (transport === 'raw') await once(wss, 'listening');
  const wsPort = transport === 'attached' ? pagePort : (wss.address() as AddressInfo).port;

  return {
    wss,
    pageUrl: `${certificate ? 'https' : 'http'}://localhost:${pagePort}/`,
    wsUrl: `${certificate ? 'wss' : 'ws'}://localhost:${wsPort}/`,
    async close() {
      for (const client of wss.clients ?? []) client.terminate();
      const closed = new Promise<void>((resolve, reject) => {
        wss.close((error) => (error ? reject(error) : resolve()));
      });
      await Promise.all([closed, closeServer(pageServer)]);
    },
  };
}
