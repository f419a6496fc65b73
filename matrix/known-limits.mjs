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
];
