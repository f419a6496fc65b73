// Clients over TLS and HTTP/1.1 or HTTP/2, which answer each turn of messages that they get.
import { settings } from '../servers/control.mjs';
import { Turns } from './turns.mjs';

const { client, url, http2, module, connections } = settings;

/** The server's certificate is one of the run's own. */
const ANY_CERTIFICATE = { rejectUnauthorized: false };

const CLIENTS = {
  async hawser() {
    const { WebSocket } = await import(module);
    return () => new WebSocket(url, { ...ANY_CERTIFICATE, http2, perMessageDeflate: false });
  },

  async undici() {
    const { Agent, WebSocket } = await import(module);
    const dispatcher = new Agent({ allowH2: true, connect: ANY_CERTIFICATE });
    return () => new WebSocket(url, { dispatcher });
  },

  /** The runtime's own. */
  async standard() {
    return () => new WebSocket(url);
  },
};

const open = await CLIENTS[client]();
for (let i = 0; i < connections; i++) {
  const socket = open();
  const turns = new Turns(() => socket.send('.'));
  socket.binaryType = 'arraybuffer';
  socket.onerror = ({ message }) => console.error(message);
  socket.onmessage = ({ data }) => turns.take(data.byteLength);
}
