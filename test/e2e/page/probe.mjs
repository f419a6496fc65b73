import { digest, makeBytes, makeText } from './payloads.mjs';

/** What the tests call in the page, by way of `callProbe`. */
globalThis.probe = {
  /**
   * Sends one payload of each size as `kind` ('text', 'arraybuffer' or 'blob') and takes the answer to each.
   * Binary answers arrive as `kind` says.
   */
  async exchange({ url, kind, sizes }) {
    const socket = new WebSocket(url);
    if (kind !== 'text') socket.binaryType = kind;
    await next(socket, 'open');
    const exchanged = [];
    for (const size of sizes) {
      const payload = kind === 'text' ? makeText(size, size + 1) : makeBytes(size, size + 1);
      const answer = next(socket, 'message');
      socket.send(kind === 'blob' ? new Blob([payload]) : payload);
      const { data } = await answer;
      exchanged.push({
        sent: await digest(payload),
        received: await digest(await unwrap(data)),
        type: typeName(data),
      });
    }
    const { extensions } = socket;
    socket.close(1000);
    await next(socket, 'close');
    return { extensions, exchanged };
  },

  /** Connects, and closes with these arguments once open. */
  async closeWith({ url, args }) {
    const socket = new WebSocket(url);
    await next(socket, 'open');
    socket.close(...args);
    return describe(await next(socket, 'close'));
  },

  /** Connects, and tells how the server closed and which events came before. */
  async waitForClose({ url, protocols = [] }) {
    const events = [];
    const socket = new WebSocket(url, protocols);
    for (const type of ['open', 'message', 'error']) socket.addEventListener(type, () => events.push(type));
    const close = describe(await next(socket, 'close'));
    return { events, close };
  },

  /** Connects with these subprotocols and gives the one that the server chose. */
  async chosenProtocol({ url, protocols }) {
    const socket = new WebSocket(url, protocols);
    await next(socket, 'open');
    const { protocol } = socket;
    socket.close(1000);
    await next(socket, 'close');
    return protocol;
  },
};

function next(socket, type) {
  return new Promise((resolve, reject) => {
    socket.addEventListener(type, resolve, { once: true });
    if (type === 'close') return;
    socket.addEventListener(
      'close',
      ({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`)),
      {
        once: true,
      },
    );
  });
}

function describe({ code, reason, wasClean }) {
  return { code, reason, wasClean };
}

async function unwrap(data) {
  if (typeof data === 'string') return data;
  return new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data);
}

function typeName(data) {
  return typeof data === 'string' ? 'text' : data.constructor.name.toLowerCase();
}
