// Receives messages, and tells what that allocates: the heap grows by it as long as no garbage is collected, which the
// process is given room for.
import { EventEmitter } from 'node:events';
import { PerformanceObserver } from 'node:perf_hooks';
import { QUESTIONS, say, settings } from './control.mjs';

const { WebSocketServer } = await import(settings.module);
const { fastPath, messages, bytes } = settings;

let collected = false;
const collections = new PerformanceObserver(() => {
  collected = true;
});
collections.observe({ entryTypes: ['gc'] });

let before;
let after;
let missing = 0;
let allCame;

function remember() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapUsed, arrayBuffers };
}

async function settle() {
  globalThis.gc();
  // What it tells the observer is not about the messages.
  await new Promise((resolve) => setTimeout(resolve, 20));
  collected = false;
}

function difference(count) {
  const result = {
    heap: (after.heapUsed - before.heapUsed) / count,
    arrayBuffers: (after.arrayBuffers - before.arrayBuffers) / count,
  };
  // The observer is told later.
  return new Promise((resolve) => setTimeout(() => resolve({ ...result, collected }), 20));
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', fastPath });
server.on('connection', (socket) => {
  socket.on('error', console.error);
  socket.on('message', () => {
    if (--missing > 0) return;
    after = remember();
    allCame();
  });
});

let came;
/** Makes ready for `messages`. */
QUESTIONS.expect = async () => {
  missing = messages;
  came = new Promise((resolve) => {
    allCame = resolve;
  });
  await settle();
  before = remember();
  return {};
};
QUESTIONS.came = async () => {
  await came;
  return difference(messages);
};

/** Kept, so that no compiler finds out that nobody needs it. */
export let kept;
const source = Buffer.alloc(bytes, 'x');
const emitter = new EventEmitter();
emitter.on('message', (buffer) => {
  kept = buffer;
});

/** Does `once` for as many messages. */
async function repeat(once) {
  await settle();
  before = remember();
  for (let i = 0; i < messages; i++) once();
  after = remember();
  return difference(messages);
}

QUESTIONS.buffer = () =>
  repeat(() => {
    kept = Buffer.from(source);
  });
QUESTIONS.emitted = () => repeat(() => emitter.emit('message', Buffer.from(source), true));

server.on('listening', () => say({ port: server.address().port }));
