// An empty project with the packed package in it, and the suite beside it.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Packs the package, installs the tarball in `folder`, which is emptied first, and copies the suite there: a script
 * inside the repository would get the package from the repository.
 */
export async function createProject(root, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  await npm(['pack', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  // The second name is how a program that imports `ws` gets Hawser without a change.
  await npm(
    ['install', '--offline', '--no-audit', '--no-fund', `./${tarball}`, `ws@file:${tarball}`],
    folder,
  );
  cpSync(join(root, 'matrix', 'suite'), join(folder, 'suite'), { recursive: true });
  return { folder, certificate: makeCertificate(folder) };
}

function npm(args, cwd) {
  return promisify(execFile)('npm', args, { cwd });
}

function makeCertificate(folder) {
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'])
      .concat(['-keyout', files.key, '-out', files.cert]),
    { stdio: 'pipe' },
  );
  return files;
}
