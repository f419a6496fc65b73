import { findProgram, isRoot } from './program.mjs';

const CHROMIUM = {
  title: 'Chromium',
  names: ['chromium', 'chromium-browser', 'google-chrome'],
  package: 'chromium',
  variable: 'CHROMIUM_PATH',
};

/**
 * Finds Chromium: `CHROMIUM_PATH`, else on `PATH`; with `install`, by apt-get where that is possible.
 *
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findChromium(options) {
  return findProgram(CHROMIUM, options);
}

/** Gives playwright's launch options; it makes a new profile for each launch, and removes it afterwards. */
export function chromiumLaunchOptions(executablePath) {
  const args = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  // Chromium refuses to run its sandbox as root.
  if (isRoot()) args.push('--no-sandbox');
  return { executablePath, headless: true, args };
}
