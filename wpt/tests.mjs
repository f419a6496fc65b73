// Finds the tests in a checkout of web-platform-tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NORMAL_TIMEOUT_MS = 10_000;
const LONG_TIMEOUT_MS = 60_000;

/** Finds every test below websockets/, once for each of its variants. */
export function findTests(checkout) {
  const folder = join(checkout, 'websockets');
  return readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(any|window|worker)\.js$|\.html?$/.test(path))
    .filter((path) => !/(^|\/)(resources|support|handlers)\//.test(path))
    .sort()
    .flatMap((file) => {
      const text = readText(join(folder, file));
      if (!isTest(file, text)) return [];
      return variantsOf(file, text).map((variant) => ({ file, variant, timeout: timeoutOf(file, text) }));
    });
}

/** Reads a test or a script as the browser would: by its own declaration, else as UTF-8. */
export function readText(path) {
  const bytes = readFileSync(path);
  const isWindows1252 = /^[\s\S]{0,200}<meta charset=["']?windows-1252/i.test(bytes.toString('latin1'));
  return new TextDecoder(isWindows1252 ? 'windows-1252' : 'utf-8').decode(bytes);
}

/** The values of `// META: key=...` in a script. */
export function metaOf(text, key) {
  return [...text.matchAll(/^\/\/ META: ([a-z]+)=(.*)$/gm)]
    .filter(([, name]) => name === key)
    .map(([, , value]) => value.trim());
}

/** A page without the harness is part of another test. */
function isTest(file, text) {
  return file.endsWith('.js') || /testharness\.js/.test(text);
}

function variantsOf(file, text) {
  const found = file.endsWith('.js')
    ? metaOf(text, 'variant')
    : [...text.matchAll(/<meta name="?variant"? content="([^"]*)"/g)].map(([, variant]) => variant);
  return found.length > 0 ? found : [''];
}

function timeoutOf(file, text) {
  const isLong = file.endsWith('.js')
    ? metaOf(text, 'timeout').includes('long')
    : /<meta name="?timeout"? content="?long/.test(text);
  return isLong ? LONG_TIMEOUT_MS : NORMAL_TIMEOUT_MS;
}
