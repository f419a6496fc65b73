const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 10_000;

/**
 * Keeps a WebSocket to `url` open: after a loss it tries again, each time twice as late as before.
 * `onStatus` gets 'connecting' at first, then 'online' and 'offline' in turn; `onMessage` each message, parsed.
 */
export function keepConnected(url, { onStatus, onMessage }) {
  let socket;
  let failures = 0;
  let retryTimer;
  let pingTimer;
  let pongTimer;

  function connect() {
    clearTimeout(retryTimer);
    socket = new WebSocket(url);
    socket.addEventListener('open', () => {
      failures = 0;
      pingTimer = setInterval(ping, PING_EVERY_MS);
      onStatus('online');
    });
    socket.addEventListener('message', ({ data }) => {
      clearTimeout(pongTimer);
      onMessage(JSON.parse(data));
    });
    socket.addEventListener('error', () => {
      // Browsers tell nothing about the cause, and 'close' always follows.
      console.warn('The connection to the chat failed');
    });
    socket.addEventListener('close', lost);
  }

  function lost({ target, code, reason }) {
    if (target !== socket) return;
    clearInterval(pingTimer);
    clearTimeout(pongTimer);
    const delay = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS);
    failures += 1;
    // Spread out, so that a server which comes back isn't met by all its visitors in the same instant.
    retryTimer = setTimeout(connect, delay * (0.5 + Math.random() / 2));
    onStatus('offline', { code, reason });
  }

  // The browser answers the server's ping frames by itself but can't send any: the page asks in its own words.
  function ping() {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify({ type: 'ping' }));
    clearTimeout(pongTimer);
    pongTimer = setTimeout(() => {
      const silent = socket;
      silent.close(4000, 'No pong');
      // The closing handshake of a dead connection takes its time: don't wait for it.
      lost({ target: silent, code: 1006, reason: '' });
      socket = undefined;
    }, PONG_WITHIN_MS);
  }

  window.addEventListener('online', () => {
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) connect();
  });

  onStatus('connecting');
  connect();

  return {
    /** Sends `message` if the connection is open, and tells whether it did. */
    send(message) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
  };
}
