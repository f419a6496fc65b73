// Finds web-platform-tests, or fetches as much of it as the runner needs. Nothing of it is committed here.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['websockets', 'resources', 'common', 'interfaces'];
const REPOSITORY = 'https://github.com/web-platform-tests/wpt';
/** Debian's source of Firefox, which has the tests in it: a fallback where GitHub can't be reached. */
const DEBIAN_POOL = 'http://deb.debian.org/debian/pool/main/f/firefox-esr/';
const KNOWN_TARBALL = 'firefox-esr_140.12.0esr.orig.tar.xz';
const PATH_IN_FIREFOX = 'testing/web-platform/tests';
const GIT_TIMEOUT_MS = 5 * 60_000;

/** Returns the folder of a checkout: the one given, or the one in `cache`, which is fetched if need be. */
export async function findCheckout(given, cache) {
  if (given !== undefined) {
    if (!isCheckout(given)) throw new Error(`${given} is no checkout of web-platform-tests`);
    return given;
  }
  const folder = join(cache, 'wpt');
  if (!isCheckout(folder)) await fetchInto(folder);
  return folder;
}

function isCheckout(folder) {
  return existsSync(join(folder, 'websockets')) && existsSync(join(folder, 'resources', 'testharness.js'));
}

/** Fetches beside `folder` and moves it there whole. */
async function fetchInto(folder) {
  const partial = `${folder}-partial`;
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    if (!cloneInto(partial)) {
      rmSync(partial, { recursive: true, force: true });
      mkdirSync(partial, { recursive: true });
      await extractInto(partial);
    }
    if (!isCheckout(partial)) throw new Error('What was fetched is no checkout of web-platform-tests');
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function cloneInto(folder) {
  console.log(`fetching ${REPOSITORY}`);
  const clone = ['clone', '--quiet', '--depth=1', '--filter=blob:none', '--sparse', REPOSITORY, folder];
  return git(clone) && git(['-C', folder, 'sparse-checkout', 'set', ...FOLDERS]);
}

function git(args) {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
  return spawnSync('git', args, { stdio: 'ignore', timeout: GIT_TIMEOUT_MS, env }).status === 0;
}

async function extractInto(folder) {
  const url = DEBIAN_POOL + newestTarball();
  console.log(`GitHub can't be reached; fetching ${url}, some 700 MB, of which 10 are kept`);
  const curl = spawn('curl', ['-fsSL', url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const members = FOLDERS.map((name) => `*/${PATH_IN_FIREFOX}/${name}`);
  const options = ['-xJ', '-C', folder, '--strip-components=4', '--wildcards', ...members];
  const tar = spawn('tar', options, { stdio: [curl.stdout, 'ignore', 'inherit'] });
  // It is tar's now: with a second reader curl would not notice that tar has ended.
  curl.stdout.destroy();
  await Promise.all([ended(curl, 'curl'), ended(tar, 'tar')]);
}

/** The newest one that Debian has, and where there is no list of them, one that it had. */
function newestTarball() {
  const { stdout } = spawnSync('curl', ['-fsSL', DEBIAN_POOL], { encoding: 'utf8' });
  const names = [...(stdout ?? '').matchAll(/firefox-esr_([\d.]+)esr\.orig\.tar\.xz(?=")/g)];
  const [newest] = names.sort(([, a], [, b]) => b.localeCompare(a, 'en', { numeric: true }));
  return newest?.[0] ?? KNOWN_TARBALL;
}

function ended(child, name) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
}
