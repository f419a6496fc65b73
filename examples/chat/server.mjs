import { WebSocketServer } from 'hawser';
import { createChat } from './chat-server.mjs';

const port = Number(process.env.PORT || 8080);
const host = process.env.HOST || '127.0.0.1';
const chat = createChat({ WebSocketServer });

try {
  console.log(`Chat at http://localhost:${await chat.listen(port, host)} (Ctrl+C ends it)`);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

// npm passes Ctrl+C on although the terminal has sent it already: what counts is the first.
let isClosing = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    if (isClosing) return;
    isClosing = true;
    console.log('Closing all connections');
    await chat.close();
    process.exit(0);
  });
}

function explain(error) {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken: stop the program that uses it, or choose another one: PORT=${port + 1} npm start`;
    case 'EACCES':
      return `Port ${port} needs more rights: choose one above 1023, as in PORT=8080 npm start`;
    case 'ERR_SOCKET_BAD_PORT':
      return `PORT=${process.env.PORT} is not a port: use a number from 0 to 65535`;
    default:
      return `Can't listen on ${host}, port ${port}: ${error.message}`;
  }
}
