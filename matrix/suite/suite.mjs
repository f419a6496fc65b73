// The behaviour suite. Plain ESM for every runtime: no test framework, one case after the other.
// Its settings come in MATRIX_SETTINGS, its outcomes go to standard output, a line of JSON each.
import { writeSync } from 'node:fs';
import { backpressure } from './cases/backpressure.mjs';
import { client } from './cases/client.mjs';
import { clientOptions } from './cases/client-options.mjs';
import { closing } from './cases/closing.mjs';
import { cross } from './cases/cross.mjs';
import { deflate } from './cases/deflate.mjs';
import { events } from './cases/events.mjs';
import { faults } from './cases/faults.mjs';
import { handshake } from './cases/handshake.mjs';
import { http2 } from './cases/http2.mjs';
import { hub } from './cases/hub.mjs';
import { limits } from './cases/limits.mjs';
import { loading } from './cases/loading.mjs';
import { messages } from './cases/messages.mjs';
import { pingPong } from './cases/ping-pong.mjs';
import { processEnd } from './cases/process-end.mjs';
import { servers } from './cases/servers.mjs';
import { streams } from './cases/streams.mjs';
import { tls } from './cases/tls.mjs';
import { builtInClient, webClient } from './cases/whatwg-client.mjs';
import { Scope } from './scope.mjs';
import { settings } from './settings.mjs';

const OWN = [
  loading,
  servers,
  tls,
  client,
  clientOptions,
  handshake,
  messages,
  backpressure,
  deflate,
  pingPong,
  closing,
  faults,
  limits,
  streams,
  events,
  processEnd,
  webClient,
  builtInClient,
  http2,
  hub,
];
const features = settings.peer === undefined ? OWN : [cross];
const cases = features.flatMap(({ feature, cases }) =>
  Object.entries(cases).map(([name, run]) => ({ id: `${feature}: ${name}`, feature, run })),
);

let failCurrent;
process.on('uncaughtException', (error) => failCurrent?.(error));
process.on('unhandledRejection', (error) => failCurrent?.(error));

tell({ plan: cases.map(({ id, feature }) => ({ id, feature })) });
for (const { id, run } of cases) {
  if (settings.done?.includes(id)) continue;
  tell({ begun: id });
  const error = await outcome(run);
  tell({ ended: id, error });
  // What a failed case leaves behind is not the next one's to suffer: whoever started this starts it again.
  if (error !== undefined) break;
}
process.exit(0);

/** Runs a case; returns what it failed with, as text. */
async function outcome(run) {
  const scope = new Scope();
  try {
    const thrown = new Promise((_resolve, reject) => {
      failCurrent = reject;
    });
    await Promise.race([run(scope), thrown, scope.timeLimit(settings.caseLimitMs)]);
    await Promise.race([scope.close(), thrown]);
    return undefined;
  } catch (error) {
    return describe(error, scope.step);
  } finally {
    scope.stopClock();
    failCurrent = undefined;
  }
}

function describe(error, step) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const lines = String(error?.stack ?? '').split('\n');
  const where = lines.filter((line) => line.includes('/suite/') || line.includes('/hawser/')).slice(0, 4);
  return [text, ...(step === undefined ? [] : [`    after: ${step}`]), ...where].join('\n');
}

function tell(what) {
  // Written at once: a runtime that crashes in the next line has still said what it had begun.
  writeSync(1, `@matrix ${JSON.stringify(what)}\n`);
}
