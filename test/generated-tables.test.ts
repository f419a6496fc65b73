import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

it.each([
  ['docs/migrating-from-ws.md', 'every deliberate difference', 'differences'],
  ['docs/client.md', 'every difference from the packages that it stands in for', 'drop-in'],
  ['SECURITY.md', 'every default', 'defaults'],
  ['SECURITY.md', 'every entry of the record', 'security-record'],
  ['mutation/README.md', 'every change that no test notices, explained', 'mutation-survivors'],
])('%s lists %s', (_page, _what, script) => {
  const tsx = join(root, 'node_modules', '.bin', 'tsx');
  const { status, stderr } = spawnSync(tsx, [`scripts/${script}.mjs`, '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
