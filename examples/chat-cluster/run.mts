import { createInterface } from 'node:readline';
import { ChatCluster } from './cluster/chat-cluster.mts';
import { NODES } from './shared/chat.mts';

const port = Number(process.env.PORT || 8080);

// npm passes Ctrl+C on although the terminal has sent it already: what counts is the first.
let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));

console.log('Building the page, starting Redis, two nodes and nginx …');
const starting = ChatCluster.start({ port, log: (line) => console.log(line) });
starting.then(run, (error: NodeJS.ErrnoException) => {
  if (!isEnding) console.error(explain(error));
  process.exitCode = 1;
});

function run(cluster: ChatCluster): void {
  if (isEnding) return;
  console.log(`
Chat at     ${cluster.url}
Figures at  ${cluster.url}figures

a or b and Enter: kill node A or B, or start it again. Ctrl+C: stop everything.
`);
  createInterface(process.stdin).on('line', (line) => {
    toggle(cluster, line.trim().toLowerCase()).catch((error: Error) => console.error(error.message));
  });
  void cluster.broken.then((title) => {
    console.error(`${title} has ended, and nothing works without it`);
    return end(1);
  });
}

async function toggle(cluster: ChatCluster, name: string): Promise<void> {
  const node = NODES.find((known) => known === name);
  if (node === undefined || isEnding) return;
  if (cluster.isUp(node)) await cluster.killNode(node);
  else {
    await cluster.startNode(node);
    console.log(`node ${node} is back`);
  }
}

/** Stops everything, also what is just being started. */
async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  console.log('Stopping everything');
  const cluster = await starting.catch(() => undefined);
  await cluster?.close();
  process.exit(code);
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken: stop the program that uses it, or choose another one: PORT=${port + 1} npm run example:cluster`;
    case 'EACCES':
      return `Port ${port} needs more rights: choose one above 1023, as in PORT=8080 npm run example:cluster`;
    case 'ERR_SOCKET_BAD_PORT':
      return `PORT=${process.env.PORT} is not a port: use a number from 0 to 65535`;
    default:
      return error.message;
  }
}
