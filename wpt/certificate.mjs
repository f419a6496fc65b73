// Makes the certificate of the servers, by the `openssl` program.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The host of the tests: its names are found on the loopback interface (see page.mjs). */
export const HOST = 'web-platform.test';

/** Writes a key and a self-signed certificate to `folder`. */
export function makeCertificate(folder) {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = [`DNS:${HOST}`, `DNS:*.${HOST}`, 'DNS:localhost'].join(',');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
      .concat(['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=${names}`])
      .concat(['-keyout', keyFile, '-out', certFile]),
    { stdio: 'pipe' },
  );
  return { certFile, key: readFileSync(keyFile), cert: readFileSync(certFile) };
}
