import { within } from './waiting.mjs';

/** Lets an HTTP or net server listen on a free port of this machine; gives the port. */
export async function listen(server, port = 0) {
  await within(new Promise((resolve) => server.listen(port, '127.0.0.1', resolve)), 'a free port');
  return server.address().port;
}

/** Closes an HTTP or net server; waits until its last connection has gone. */
export function close(server) {
  return within(new Promise((resolve) => server.close(resolve)), 'the server to close');
}
