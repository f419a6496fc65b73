import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { WebSocket, WebSocketServer } from 'hawser';

export const events = {
  feature: 'events',
  cases: {
    'onopen, onmessage and onclose get events': async (scope) => {
      const { url } = await scope.serveEcho();
      const ws = scope.connect(url);
      const told = [];
      await new Promise((resolve) => {
        ws.onopen = ({ type, target }) => {
          told.push([type, target === ws]);
          ws.send('text');
        };
        ws.onmessage = ({ type, data }) => {
          told.push([type, data]);
          ws.close(1000, 'bye');
        };
        ws.onclose = ({ type, code, reason, wasClean }) => {
          told.push([type, code, reason, wasClean]);
          resolve();
        };
      });
      assert.deepEqual(told, [
        ['open', true],
        ['message', 'text'],
        ['close', 1000, 'bye', true],
      ]);
    },
    'addEventListener, once and removeEventListener': async (scope) => {
      const { server, client } = await scope.pair();
      const told = [];
      const removed = () => told.push('removed');
      client.addEventListener('message', ({ data }) => told.push(`once ${data}`), { once: true });
      client.addEventListener('message', { handleEvent: ({ data }) => told.push(`object ${data}`) });
      client.addEventListener('message', removed);
      client.removeEventListener('message', removed);
      for (const text of ['a', 'b']) {
        const came = once(client, 'message');
        server.send(text);
        await came;
      }
      assert.deepEqual(told, ['once a', 'object a', 'object b']);
    },
    'both classes are EventEmitters': async (scope) => {
      const { wss, client } = await scope.pair();
      assert.ok(client instanceof EventEmitter);
      assert.ok(client instanceof WebSocket);
      assert.ok(wss instanceof EventEmitter);
      assert.ok(wss instanceof WebSocketServer);
      assert.deepEqual([WebSocket.CONNECTING, WebSocket.OPEN, client.CLOSING, client.CLOSED], [0, 1, 2, 3]);
    },
    'subclasses of both work': async (scope) => {
      class Greeter extends WebSocket {
        greet() {
          this.send('hello');
        }
      }
      class Server extends WebSocketServer {
        shouldHandle(request) {
          return request.url === '/greet';
        }
      }
      const wss = new Server({ port: 0, host: '127.0.0.1', WebSocket: Greeter });
      scope.defer(() => new Promise((resolve) => wss.close(resolve)));
      wss.on('connection', (ws) => ws.greet());
      await once(wss, 'listening');
      const ws = scope.connect(`ws://127.0.0.1:${wss.address().port}/greet`);
      const [data] = await once(ws, 'message');
      assert.equal(data.toString(), 'hello');
      const closed = once(ws, 'close');
      ws.terminate();
      await closed;
    },
    'bad arguments throw': () => {
      assert.throws(() => new WebSocket('no URL'), SyntaxError);
      assert.throws(() => new WebSocket('ftp://localhost/'), SyntaxError);
      assert.throws(() => new WebSocket('ws://localhost/', ['a', 'a']), SyntaxError);
      assert.throws(() => new WebSocketServer({}), TypeError);
    },
  },
};
