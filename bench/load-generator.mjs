// Builds the load generator of load/.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = join(dirname(fileURLToPath(import.meta.url)), 'load');

/**
 * Compiles it into `folder`, with TLS if OpenSSL's headers are there.
 *
 * @returns The program, and whether it can do TLS.
 * @throws {Error} There is no C compiler, or this is not Linux.
 */
export function buildLoadGenerator(folder) {
  const program = join(folder, 'load');
  const files = readdirSync(sources)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(sources, name));
  const compile = (...more) =>
    execFileSync('cc', ['-O2', '-o', program, ...files, ...more], { stdio: 'pipe' });
  try {
    compile('-DWITH_TLS', '-lssl', '-lcrypto');
    return { program, tls: true };
  } catch {
    compile();
    return { program, tls: false };
  }
}
