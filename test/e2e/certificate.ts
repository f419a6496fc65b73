import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  key: Buffer;
  cert: Buffer;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];
const LOOPBACK = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];

/** Makes a self-signed certificate for the loopback names, by the `openssl` program. */
export function makeCertificate(): Certificate {
  return byOpenssl([['req', '-x509', '-days', '1', ...NEW_KEY, ...LOOPBACK, '-out', 'cert.pem']]);
}

/** As {@link makeCertificate}, of yesterday. */
export function makeExpiredCertificate(): Certificate {
  return byOpenssl([
    ['req', '-new', ...NEW_KEY, ...LOOPBACK, '-out', 'request.pem'],
    ['x509', '-req', '-in', 'request.pem', '-signkey', 'key.pem', '-days', '-1', '-out', 'cert.pem'],
  ]);
}

function byOpenssl(commands: readonly string[][]): Certificate {
  const cwd = mkdtempSync(join(tmpdir(), 'hawser-certificate-'));
  try {
    for (const args of commands) execFileSync('openssl', args, { cwd, stdio: 'pipe' });
    return { key: readFileSync(join(cwd, 'key.pem')), cert: readFileSync(join(cwd, 'cert.pem')) };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
