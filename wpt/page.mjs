// Runs one test in a process of its own, with what a page has as far as the tests need it. Its parent is run.mjs.
import dns from 'node:dns';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { runInThisContext } from 'node:vm';
import { HOST } from './certificate.mjs';
import { isFaultOfTest } from './excluded.mjs';
import { installImplementation } from './implementation.mjs';
import { workerClass } from './page-worker.mjs';
import { metaOf, readText } from './tests.mjs';

/** Scripts that the tests' own server has at another path. */
const ELSEWHERE = { '/resources/WebIDLParser.js': '/resources/webidl2/lib/webidl2.js' };

const HARNESS = /\/testharness(report)?\.js$/;

process.once('message', runTest);

async function runTest(job) {
  const { checkout, file, variant, timeout, implementation, ports } = job;
  keepOnLoopback();
  const isSecure = /\.https\./.test(file);
  const origin = isSecure ? `https://${HOST}:${ports.tls}` : `http://${HOST}:${ports.plain}`;
  const path = `/websockets/${file}`;
  setGlobals({
    self: globalThis,
    location: new URL(`${path.replace(/\.(any|window|worker)\.js$/, '.$1.html')}${variant}`, origin),
    GLOBAL: { isWindow: () => true, isWorker: () => false, isShadowRealm: () => false },
    Window: Object.getPrototypeOf(globalThis).constructor,
  });
  await installImplementation(implementation, location);
  const page = { checkout, path, ports, implementation };
  runScript(page, '/resources/testharness.js');
  report(file, timeout);
  const text = readText(join(checkout, path));
  setGlobals(surroundings(page, text));
  if (file.endsWith('.js')) runJavaScript(page, text);
  else runPage(page, text);
}

class UiEvent extends Event {
  initUIEvent(type, bubbles, cancelable, _view, detail) {
    this.initEvent(type, bubbles, cancelable);
    this.detail = detail;
  }
}

/** The names of the tests are those of this machine, and other names are nobody's: no question leaves it. */
function keepOnLoopback() {
  const lookup = (hostname, options, callback) => {
    if (typeof options === 'function') return lookup(hostname, {}, options);
    const { all } = Object(options);
    const isOurs = hostname === HOST || hostname.endsWith(`.${HOST}`) || hostname === '127.0.0.1';
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
    if (!isOurs) return process.nextTick(callback, error);
    if (all) process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]);
    else process.nextTick(callback, null, '127.0.0.1', 4);
  };
  dns.lookup = lookup;
}

/** What pages have besides, made as small as the tests allow. The harness must not see it: it would look for a DOM. */
function surroundings({ checkout, ports, path, implementation }, text) {
  const title = /<title>([^<]*)<\/title>/.exec(text)?.[1];
  return {
    window: globalThis,
    META_TITLE: title ?? metaOf(text, 'title')[0],
    document: {
      title,
      body: { toString: () => '[object HTMLBodyElement]' },
      createElement: () => ({
        toString() {
          return this.href;
        },
      }),
      createEvent: () => new UiEvent(''),
      getElementsByTagName: () => [],
    },
    fetch: async (url) =>
      /\.py\b/.test(url) ? ask(ports, url) : new Response(readText(join(checkout, url))),
    importScripts: (...urls) => {
      for (const url of urls) if (!HARNESS.test(url)) runScript({ checkout, ports, path }, url);
    },
    Worker: workerClass(implementation),
    XMLHttpRequest: class {
      #url = '';

      open(_method, url) {
        this.#url = url;
      }

      /** Blocks, as a synchronous request does: for the time that the response is to take. */
      send() {
        const seconds = Number(/trickle\(d(\d+)\)/.exec(this.#url)?.[1] ?? 0);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
      }
    },
  };
}

/** The tests' server answers what its Python would. */
const { fetch } = globalThis;

function ask({ plain }, url) {
  return fetch(new URL(url, `http://127.0.0.1:${plain}`));
}

function setGlobals(values) {
  for (const [key, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, key, { value, writable: true, configurable: true });
  }
}

function runJavaScript(page, text) {
  for (const script of metaOf(text, 'script')) runScript(page, script);
  runInThisContext(text, { filename: page.path });
  // As at the end of the page that is made of such a script.
  globalThis.done();
}

function runPage(page, text) {
  for (const [, attributes, body] of text.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    const src = /\bsrc=["']?([^"'\s>]+)/.exec(attributes)?.[1];
    if (src === undefined) runInThisContext(body, { filename: page.path });
    else if (!HARNESS.test(src)) runScript(page, src);
  }
}

function runScript({ checkout, path, ports }, src) {
  const target = src.startsWith('/') ? src : posix.join(dirname(path), src);
  const moved = ELSEWHERE[target];
  const file = join(checkout, moved && !existsSync(join(checkout, target)) ? moved : target);
  const text = readText(file);
  const script = /\.sub\.js$/.test(target) ? substitute(text, ports) : text;
  runInThisContext(script, { filename: target });
}

/** Fills in what the tests' own server would. */
function substitute(text, ports) {
  const values = {
    host: HOST,
    'hosts[alt][www]': `www.${HOST}`,
    'ports[ws][0]': ports.plain,
    'ports[wss][0]': ports.tls,
    'ports[h2][0]': ports.tls,
  };
  return text.replaceAll(/\{\{([^}]*)\}\}/g, (_, name) => {
    if (!(name in values)) throw new Error(`Nothing to fill in for {{${name}}}`);
    return values[name];
  });
}

/** Sends the results to the parent, at the end or when the time is over. */
function report(file, timeout) {
  const fail = (error) => {
    if (!isFaultOfTest(file, error)) finish([], { status: 'ERROR', message: String(error?.stack ?? error) });
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  globalThis.setup({ output: false });
  globalThis.add_completion_callback((tests, { status, message }) => {
    const results = tests.map(({ name, status, message }) => ({ name, passed: status === 0, message }));
    finish(results, { status: ['OK', 'ERROR', 'TIMEOUT'][status] ?? String(status), message });
  });
  setTimeout(() => globalThis.timeout(), timeout);
}

function finish(tests, harness) {
  process.send({ tests, harness }, () => process.exit());
}
