// Connects the runtime's own WebSocket to MATRIX_URL, and has a message echoed.
const { WebSocket } = globalThis;
const say = (what) => {
  console.log(what);
  process.exit(0);
};
if (WebSocket === undefined) say('the runtime has no WebSocket of its own');
// That of Node 26 over HTTP/2 does not keep the process alive.
setTimeout(() => say('no answer'), 10_000);
const ws = new WebSocket(process.env.MATRIX_URL);
ws.onopen = () => ws.send('an echo');
ws.onmessage = ({ data }) => say(data === 'an echo' ? 'echoed' : `got ${data}`);
ws.onerror = ({ message, error }) => say(`error: ${message || error?.cause?.message || error}`);
