// The load generator counts updates without reading them: this reads some of each transport.
import { once } from 'node:events';
import { connect } from 'node:net';
import WebSocket from 'ws';
import { PAYLOADS } from './payloads.mjs';

const PLAN = { clients: 1, bytes: 200, inStep: 3, paced: 0, perSecond: 1 };

/** Each yields the updates that come, as text. */
const READERS = {
  async *websocket(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    try {
      for (;;) yield String((await once(socket, 'message'))[0]);
    } finally {
      socket.terminate();
    }
  },

  async *events(port) {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    let text = '';
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (text + part).split('\n\n');
      text = events.pop();
      for (const event of events) yield event.replace(/^data: /, '');
    }
  },

  async *polling(port) {
    for (let after = 0; ; ) {
      const body = await (await fetch(`http://127.0.0.1:${port}/?after=${after}`)).text();
      const updates = body.trimEnd().split('\n');
      after += updates.length;
      yield* updates;
    }
  },
};

/** Takes the first updates as a client does, and throws unless they are what they should be. */
export async function checkUpdates(transport, startServer) {
  const { server, port, control } = await startServer(PLAN);
  const confirm = connect(control, '127.0.0.1');
  const done = server.ask('begin');
  let index = 0;
  for await (const update of READERS[transport.server.transport](port)) {
    if (update !== PAYLOADS.update(PLAN.bytes, index).toString())
      throw new Error(`${transport.id}: update ${index} is not what was sent: ${update}`);
    confirm.write('+');
    if (++index === PLAN.inStep) break;
  }
  await done;
  confirm.destroy();
}
