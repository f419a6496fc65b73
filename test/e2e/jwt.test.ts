import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { HubClient } from '../../src/client/index.ts';
import { WebSocket } from '../../src/index.ts';
import { WebSocket as WebWebSocket } from '../../src/web/index.ts';

const PROGRAM = fileURLToPath(new URL('../../examples/jwt/run.mts', import.meta.url));

let program: ChildProcess;
let lines: AsyncIterator<string>;
let origin: string;
let key: string;

beforeAll(async () => {
  program = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  lines = createInterface(program.stdout!)[Symbol.asyncIterator]();
  [, origin = '', key = ''] = /at (\S+)\/token.*: (\S+)$/.exec(await nextLine()) ?? [];
});
afterAll(async () => {
  if (program.exitCode !== null) return;
  program.kill('SIGKILL');
  await once(program, 'exit');
});

describe('the hub with tokens', () => {
  it('takes a token in a subprotocol, and lets its bearer join the rooms that it names', async () => {
    const client = new HubClient(hubUrl(), {
      WebSocket: WebWebSocket,
      protocols: async () => [`bearer.${await freshToken()}`],
    });
    onTestFinished(() => client.close());

    expect(await client.request('whoami')).toMatchObject({ user: 'Ada', rooms: ['deck'] });
    await client.join('deck');
    await expect(client.join('bridge')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('takes it in the Authorization header, and in the cookie that it gave', async () => {
    const { status, headers } = await ask('/session');
    const [cookie = '', ...attributes] = headers.get('Set-Cookie')!.split('; ');
    expect([status, attributes]).toEqual([204, ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']]);

    expect(await whoIs({ Cookie: cookie })).toMatchObject({ user: 'Ada' });
    expect(await whoIs({ Authorization: `Bearer ${await freshToken()}` })).toMatchObject({ user: 'Ada' });
  });

  it('gives tokens for an account’s key alone, and keeps them out of caches', async () => {
    expect((await ask('/token', { key: 'guessed' })).status).toBe(401);
    expect((await ask('/token', { method: 'GET' })).status).toBe(405);
    expect((await ask('/elsewhere')).status).toBe(404);
    expect((await ask('/token')).headers.get('Cache-Control')).toBe('no-store');
  });

  it('refuses who has none, one of somebody else’s, one that nobody signed, and one that was changed', async () => {
    const claims = { rooms: ['deck'] };
    const forged = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' });
    const unsigned = new UnsecuredJWT(claims);
    for (const token of [forged, unsigned])
      token.setIssuer('hawser-example-jwt').setAudience('hub').setSubject('Ada').setExpirationTime('1 h');
    const [head, , signature] = (await freshToken()).split('.');
    const otherClaims = Buffer.from('{"sub":"Grace"}').toString('base64url');

    expect(await statusOf({})).toBe(401);
    expect(await statusOf(bearer(await forged.sign(new Uint8Array(32))))).toBe(401);
    expect(await statusOf(bearer(unsigned.encode()))).toBe(401);
    expect(await statusOf(bearer(`${head}.${otherClaims}.${signature}`))).toBe(401);
    // A page of another site brings the cookie as well.
    const cookie = `session=${await freshToken()}`;
    expect(await statusOf({ Cookie: cookie, Origin: 'https://elsewhere.example' })).toBe(403);
  });

  it('closes with 4401 when the token expires, which nobody gets in with then', async () => {
    const headers = bearer(await freshToken());
    const ws = new WebSocket(hubUrl(), { headers });
    const closed = once(ws, 'close');
    await once(ws, 'open');

    expect((await closed)[0]).toBe(4401);
    expect(await statusOf(headers)).toBe(401);
  });
});

describe('its client', () => {
  it('comes back with a fresh token each time, and misses nothing', async () => {
    const heard: string[] = [];
    while (count(heard, 'Back in the same session') < 3) heard.push(await nextLine());

    expect(heard[0]).toBe('Connected');
    expect(count(heard, 'Closed with 4401')).toBe(3);
    const strokes = heard.filter((line) => line.startsWith('Stroke')).map((line) => Number(line.slice(7)));
    expect(strokes.length).toBeGreaterThan(3);
    expect(strokes).toEqual(strokes.map((_, index) => strokes[0]! + index));
    expect(count(heard, 'A gap')).toBe(0);
  });

  it('ends with the program, on SIGINT', async () => {
    const ended = once(program, 'exit');
    program.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });
});

function hubUrl(): string {
  return origin.replace('http', 'ws');
}

function ask(path: string, { method = 'POST', key: shown = key } = {}): Promise<Response> {
  return fetch(origin + path, { method, headers: bearer(shown) });
}

async function freshToken(): Promise<string> {
  const { token } = (await (await ask('/token')).json()) as { token: string };
  return token;
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** Connects as a program that knows nothing of the hub's protocol, and asks who it is. */
async function whoIs(headers: Record<string, string>): Promise<unknown> {
  const ws = new WebSocket(hubUrl(), { headers });
  await once(ws, 'open');
  ws.send('{ "type": "whoami", "id": 1 }');
  const [answer] = await once(ws, 'message');
  ws.terminate();
  return JSON.parse(String(answer)).data;
}

async function statusOf(headers: Record<string, string>): Promise<number> {
  const ws = new WebSocket(hubUrl(), { headers });
  ws.on('error', () => {});
  const [, response] = await once(ws, 'unexpected-response');
  ws.terminate();
  return response.statusCode;
}

async function nextLine(): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error('The program has ended');
  return value;
}

function count(lines: readonly string[], text: string): number {
  return lines.filter((line) => line.includes(text)).length;
}
