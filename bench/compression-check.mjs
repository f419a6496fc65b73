// The load generator counts compressed replies without reading them: this reads some of them, with ws.
import { once } from 'node:events';
import WebSocket from 'ws';
import { payloadsOf } from './turns.mjs';

/** Sends a turn's messages, and throws unless they all come back as they were. */
export async function verifyCompression(scenario, port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  try {
    await once(socket, 'open');
    if (!socket.extensions.startsWith('permessage-deflate')) throw new Error('nothing is compressed');
    for (const payload of payloadsOf(scenario, 0)) {
      const reply = once(socket, 'message');
      socket.send(payload.toString());
      const [data] = await reply;
      if (!data.equals(payload)) throw new Error('a compressed message came back changed');
    }
  } finally {
    socket.terminate();
  }
}
