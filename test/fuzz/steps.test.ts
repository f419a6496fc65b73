import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { StepsReport } from './steps-child.ts';

const child = fileURLToPath(new URL('./steps-child.ts', import.meta.url));

const FAST = {};
const PUBLIC = { HAWSER_NO_FAST_PATH: '1' };

it.each([
  ['server', 'peer', 'fast', FAST],
  ['server', 'ours', 'fast', FAST],
  ['client', 'peer', 'fast', FAST],
  ['client', 'ours', 'fast', FAST],
  ['server', 'peer', 'public', PUBLIC],
  ['server', 'ours', 'public', PUBLIC],
  ['client', 'peer', 'public', PUBLIC],
  ['client', 'ours', 'public', PUBLIC],
])(
  'our %s, %s to close, on the %s path: broken off after any byte of the peer, it has what was whole and one end',
  async (role, closer, _path, env) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child, role, closer], {
      timeout: 60_000,
      env: { ...process.env, ...env },
    });
    const report = JSON.parse(stdout) as StepsReport;
    expect(report.broken).toEqual([]);
    expect(report.sessions).toBeGreaterThan(900);
    expect(report.steps).toEqual(
      expect.arrayContaining([
        role === 'server' ? 'in request' : 'in response',
        'in header of text',
        'in payload of longer text',
        'before header of ping between fragments',
        'in header of Close frame',
        'after everything',
      ]),
    );
  },
  90_000,
);
