// A server for clients on another runtime. Says its port on standard output; ends with its standard input.
import { WebSocketServer } from 'hawser';
import { echo } from './scope.mjs';
import { settings } from './settings.mjs';

const ACTIONS = {
  '/': echo,
  '/deflate': echo,
  '/who': (ws) => ws.send(process.versions[settings.kind]),
  '/close': (ws) => ws.close(4001, 'from there'),
  '/terminate': (ws) => ws.terminate(),
};

const wss = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  perMessageDeflate: { threshold: 0 },
  verifyClient: ({ req }, decide) => decide(req.url in ACTIONS, 403),
});
wss.on('connection', (ws, { url }) => ACTIONS[url](ws));
wss.on('listening', () => console.log(`@matrix ${JSON.stringify({ port: wss.address().port })}`));
process.stdin.on('end', () => process.exit(0)).resume();
