import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { echo, startTestServer } from '../behaviour/engine.ts';
import { Tmux } from './tmux.ts';

const root = join(import.meta.dirname, '..', '..');
const PROGRAM = `${process.execPath} --import tsx ${join(root, 'src', 'cli', 'index.ts')}`;

/** Opens a terminal whose shell knows the program as `hawser`. */
async function openTerminal(): Promise<Tmux> {
  const terminal = new Tmux(`cd ${root} && exec env -u NO_COLOR ENV= PS1='$ ' sh`);
  terminal.type(`hawser() { ${PROGRAM} "$@"; }; clear`);
  terminal.press('Enter');
  await terminal.shows(/^\$$/);
  return terminal;
}

function enter(terminal: Tmux, text: string): void {
  terminal.type(text);
  terminal.press('Enter');
}

async function startEcho(): Promise<{ host: string; port: number }> {
  const { wss, port } = await startTestServer();
  wss.on('connection', echo);
  return { host: `localhost:${port}`, port };
}

/** The lines behind `marker` in the page about the program. */
function pageBlock(marker: string): string {
  const page = readFileSync(join(root, 'docs', 'cli.md'), 'utf8');
  return page.split(`<!-- ${marker} -->\n\n\`\`\`text\n`)[1]!.split('\n```')[0]!;
}

describe('hawser in a terminal', () => {
  it('talks as docs/cli.md says', async () => {
    const { host, port } = await startEcho();
    const terminal = await openTerminal();
    enter(terminal, `hawser connect ${host} --json`);
    await terminal.shows(/connected.*\n>$/);
    enter(terminal, 'hello');
    await terminal.shows(/< hello\n>$/);
    enter(terminal, '{"user":"Ada","tags":[1,true]}');
    await terminal.shows(/\n}\n>$/);
    enter(terminal, '/ping');
    await terminal.shows(/pong after .*\n>$/);
    enter(terminal, '/close 1000 done');
    await terminal.shows(/\$$/);
    enter(terminal, 'echo $?');
    const screen = await terminal.shows(/\$ echo.*\n\d+\n\$$/);
    const asOnThePage = screen
      .replaceAll(String(port), '8080')
      .replace(/\d+\.\d ms/, '0.4 ms')
      .replace(/\n\$$/, '');
    expect(asOnThePage).toBe(pageBlock('a session, checked by test/system/terminal.test.ts'));
  });

  it('prints what comes above what is being typed', async () => {
    const { wss, url } = await startTestServer();
    const connection = once(wss, 'connection');
    const terminal = await openTerminal();
    enter(terminal, `hawser connect ${url}`);
    const [ws] = await connection;
    await terminal.shows(/connected.*\n>$/);
    terminal.type('half a li');
    await terminal.shows(/> half a li$/);
    ws.send('an interruption');
    await terminal.shows(/\n< an interruption\n> half a li$/);
    terminal.type('ne');
    const message = once(ws, 'message');
    terminal.press('Enter');
    expect(String((await message)[0])).toBe('half a line');
    // History, as in any prompt.
    await terminal.shows(/\n>$/);
    terminal.press('Up');
    await terminal.shows(/\n> half a line$/);
    const closed = once(ws, 'close');
    terminal.press('C-c');
    expect((await closed)[0]).toBe(1000);
    await terminal.shows(/\$$/);
  });

  it('comes back, with what is being typed, until Ctrl+C', async () => {
    const { wss, url } = await startTestServer();
    const connection = once(wss, 'connection');
    const terminal = await openTerminal();
    enter(terminal, `hawser connect ${url} --reconnect`);
    const [first] = await connection;
    await terminal.shows(/connected.*\n>$/);
    terminal.type('hel');
    await terminal.shows(/> hel$/);
    const next = once(wss, 'connection');
    first.terminate();
    const [second] = await next;
    await terminal.shows(/closed with 1006\nconnecting again in 0\.\d s\nconnected to .*\n> hel$/);
    const message = once(second, 'message');
    enter(terminal, 'lo');
    expect(String((await message)[0])).toBe('hello');
    terminal.press('C-c');
    await terminal.shows(/\$$/);
    enter(terminal, 'echo code $?');
    await terminal.shows(/^code 0$/m);
  });

  it('has colours, unless NO_COLOR is set', async () => {
    const { host } = await startEcho();
    const terminal = await openTerminal();
    enter(terminal, `hawser connect ${host} --json`);
    await terminal.shows(/connected.*\n>$/);
    enter(terminal, '{"a":1}');
    const coloured = await terminal.shows(/"a".*1/s, { withStyles: true });
    expect(coloured).toMatch(/\[32m\S*connected/);
    await terminal.shows(/\n}\n>$/);
    expect(terminal.screen({ withStyles: true })).toMatch(/\[36m\S*"a"/);
    terminal.press('C-d');
    await terminal.shows(/\$$/);
    enter(terminal, `clear; NO_COLOR=1; export NO_COLOR; hawser connect ${host} --json`);
    await terminal.shows(/connected.*\n>$/);
    enter(terminal, '{"a":1}');
    await terminal.shows(/\n}\n>$/);
    expect(terminal.screen({ withStyles: true })).not.toContain('\u001b[');
    terminal.press('C-c');
    await terminal.shows(/\$$/);
  });

  it('shows how a bench goes, and then what it measured', async () => {
    const { host } = await startEcho();
    const terminal = await openTerminal();
    enter(terminal, `hawser bench ${host} --connections 2 --seconds 1.5`);
    await terminal.shows(/^\d\.\d s {2}[\d,]+ messages\/s$/m);
    const screen = await terminal.shows(/%\n\$$/);
    expect(screen).not.toMatch(/^\d\.\d s {2}[\d,]+ messages\/s$/m);
    expect(screen).toMatch(/^2 connections, 1 in flight, 32 B, 1\.\d s$/m);
    expect(screen).toMatch(/^p50 .* p90 .* p99 .* p99\.9 .* max /m);
    expect(screen).toMatch(/≤ .* █+/);
  });

  it('serves until Ctrl+C', async () => {
    const terminal = await openTerminal();
    enter(terminal, 'hawser serve --port 0');
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(await terminal.shows(/^echo on ws:\/\/127\.0\.0\.1:\d+$/m))!;
    const other = await openTerminal();
    enter(other, `printf 'one\\ntwo\\n' | hawser connect localhost:${port} --messages 2 --quiet | cat`);
    await other.shows(/\none\ntwo\n\$$/);
    await terminal.shows(/^\+ 127\.0\.0\.1:\d+ \/\n- 127\.0\.0\.1:\d+ \/ 1000$/m);
    terminal.press('C-c');
    await terminal.shows(/\$$/);
    enter(terminal, 'echo code $?');
    await terminal.shows(/^code 0$/m);
  });

  it('says what is wrong, and what somebody may have meant', async () => {
    const terminal = await openTerminal();
    enter(terminal, 'hawser serve --prot 1; echo code $?');
    await terminal.shows(/There is no option --prot: did you mean --port\?\n.*--help.*\ncode 2$/m);
  });
});
