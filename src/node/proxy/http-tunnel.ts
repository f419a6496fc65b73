import type { Socket } from 'node:net';
import { serializeConnectRequest } from '../../handshake/connect-request.ts';
import { FinalResponse } from '../final-response.ts';
import { basicAuthorization } from '../userinfo.ts';
import { invalidProxyResponse, proxyHungUp, proxyRefused } from './proxy-error.ts';
import type { ProxyServer } from './proxy-server.ts';

/** Returns the request for a tunnel. @throws {TypeError} A header has characters that don't belong there. */
export function tunnelRequest(
  { headers, userinfo }: ProxyServer,
  host: string,
  port: number | string,
): string {
  const authorization = userinfo && basicAuthorization(`${userinfo.username}:${userinfo.password}`);
  return serializeConnectRequest({ host, port, headers, authorization });
}

/**
 * Asks an HTTP proxy for a tunnel (RFC 9110 §9.3.6). When the promise resolves, the socket is paused, and what comes from it
 * is the tunnel's.
 */
export function askForTunnel(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const response = new FinalResponse();
    const onClose = (): void => reject(proxyHungUp());
    const onData = (chunk: Buffer): void => {
      try {
        const rest = response.receive(chunk);
        if (response.head === undefined) return;
        socket.pause();
        if (rest.length > 0) socket.unshift(rest);
        // With any 2xx the tunnel begins behind the head, whatever that says of a length.
        if (Math.trunc(response.head.statusCode / 100) === 2) resolve();
        else reject(proxyRefused(response.head.statusCode));
      } catch (error) {
        reject(invalidProxyResponse(error as Error));
      }
      socket.off('data', onData).off('close', onClose);
    };
    socket.on('data', onData).on('close', onClose);
    socket.write(request, 'latin1');
  });
}
