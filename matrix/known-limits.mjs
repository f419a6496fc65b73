// What a runtime really can't do: a fault or a gap of its own that Hawser can't make up for.
// `runtime` and `of`, a feature or one case, say what fails where; `symptom` has to be in what it fails with; `why` is
// for readers. What is listed is neither passed nor failed, and when it passes after all, that is a failure: the list
// says what is true of the versions in runtimes.mjs.
export const KNOWN_LIMITS = [
  {
    runtime: 'node20',
    of: "the runtime's own WebSocket as client",
    symptom: 'the runtime has no WebSocket of its own',
    why: 'Node has a WebSocket of its own from version 22 on.',
  },
  {
    runtime: 'bun',
    of: 'import and require: installed under the name ws, import of ws gives Hawser',
    symptom: "import('ws') is another ws",
    why: 'Bun resolves the name ws to a module of its own, whatever is installed under it: import Hawser by its own name.',
  },
  {
    runtime: 'bun',
    of: 'import and require: installed under the name ws, require of ws gives Hawser',
    symptom: "require('ws') is another ws",
    why: 'Bun resolves the name ws to a module of its own, whatever is installed under it: require Hawser by its own name.',
  },
  {
    runtime: 'deno',
    of: "the runtime's own WebSocket as client: text and bytes with permessage-deflate",
    symptom: "- 'permessage-deflate'",
    why: "Deno's own WebSocket offers no extension: the connection works, uncompressed.",
  },
  {
    runtime: 'deno',
    of: "the runtime's own WebSocket as client: terminated by the server",
    symptom: '+   0,',
    why: "Deno's own WebSocket tells code 0 where the stream ended without a Close frame; WHATWG wants 1006.",
  },
  {
    runtime: 'node20',
    of: "WebSocket over HTTP/2: the runtime's own WebSocket",
    symptom: 'the runtime has no WebSocket of its own',
    why: 'Node has a WebSocket of its own from version 22 on.',
  },
  {
    runtime: 'node24',
    of: "WebSocket over HTTP/2: the runtime's own WebSocket",
    symptom: 'error: TypeError',
    why: "Node 24's own WebSocket speaks HTTP/1.1 alone; that of Node 26 speaks HTTP/2 where the server does.",
  },
  {
    runtime: 'bun',
    of: 'WebSocket over HTTP/2: on a port',
    symptom: 'New streams cannot be created after receiving a GOAWAY',
    why: "Bun's node:http2 does not read what was put back to a socket, which is how a port without TLS tells HTTP/2 from HTTP/1.1.",
  },
  {
    runtime: 'bun',
    of: "WebSocket over HTTP/2: the runtime's own WebSocket",
    symptom: 'TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    why: "Bun's own WebSocket speaks HTTP/1.1 alone.",
  },
];
