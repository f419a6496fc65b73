import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { FaultsReport } from './faults-child.ts';

const child = fileURLToPath(new URL('./faults-child.ts', import.meta.url));

it.each([
  ['ws', 'plain'],
  ['ws', 'deflate'],
  ['wss', 'plain'],
  ['wss', 'deflate'],
])(
  '%s, %s: sessions over a faulty network tell one end each, and the process ends by itself',
  async (...how) => {
    const args = ['--import', 'tsx', child, ...how, '1', '200'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    const report = JSON.parse(stdout) as FaultsReport;
    expect(report).toMatchObject({ sessions: 200, broken: [], clientsLeft: 0 });
    expect(report.faults).toBeGreaterThan(100);
  },
  90_000,
);
