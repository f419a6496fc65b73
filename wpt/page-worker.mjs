// A dedicated worker, as far as the tests need it: on the page's side a class, in the worker's thread its globals.
import { resolveObjectURL } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { isMainThread, parentPort, Worker as Thread, workerData } from 'node:worker_threads';
import { installImplementation } from './implementation.mjs';

if (!isMainThread) await runWorker(workerData);

/** The class for a page's scripts. */
export function workerClass(implementation) {
  return class {
    onmessage = null;

    constructor(url) {
      void this.#start(url);
    }

    async #start(url) {
      const text = await resolveObjectURL(url).text();
      const workerData = { implementation, text, href: location.href };
      const thread = new Thread(fileURLToPath(import.meta.url), { workerData });
      thread.on('message', (data) => this.onmessage?.(new MessageEvent('message', { data })));
    }
  };
}

async function runWorker({ implementation, text, href }) {
  const values = {
    self: globalThis,
    location: new URL(href),
    postMessage: (data) => parentPort.postMessage(data),
    // Closes when the task that runs is over.
    close: () => setImmediate(() => process.exit()),
  };
  for (const [key, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, key, { value, writable: true, configurable: true });
  }
  await installImplementation(implementation, location);
  runInThisContext(text);
}
