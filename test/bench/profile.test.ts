import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { topFunctions } from '../../bench/profile.mjs';

it('counts how often each function was found running, without waiting', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.cpuprofile');
  const node = (id: number, functionName: string, url = '', lineNumber = -1) => ({
    id,
    callFrame: { functionName, url, lineNumber },
  });
  const nodes = [
    node(1, 'parse', 'file:///dist/core.js', 9),
    node(2, 'parse', 'file:///dist/core.js', 9),
    node(3, '(idle)'),
    node(4, '', 'node:net', 0),
  ];
  // The long time between two samples is not the function's: the process may have waited for its core.
  writeFileSync(
    file,
    JSON.stringify({ nodes, samples: [1, 2, 1, 3, 3, 4], timeDeltas: [1, 1, 1, 1, 1, 9000] }),
  );
  expect(topFunctions(file)).toEqual([' 75.0 %  parse  core.js:10', ' 25.0 %  (anonymous)  node:net:1']);
});
