import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Accounts } from './accounts.mts';
import type { TokenMint } from './token-mint.mts';

/** The cookie that has a token. */
export const COOKIE = 'session';

/**
 * Answers `POST /token` with a token, and `POST /session` with one in a cookie, which scripts of the page never see. Both take
 * the account's key, `Authorization: Bearer <key>`.
 */
export function createTokenEndpoint(accounts: Accounts, mint: TokenMint): RequestListener {
  return (request, response) => {
    answer(request, response, accounts, mint).catch((error: Error) => {
      console.error(error);
      response.writeHead(500).end();
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  accounts: Accounts,
  mint: TokenMint,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  const { method, url } = request;
  if (url !== '/token' && url !== '/session') return void response.writeHead(404).end();
  if (method !== 'POST') return void response.writeHead(405, { Allow: 'POST' }).end();
  const account = accounts.find(request);
  if (account === undefined) return void response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end();
  const token = await mint.issue(account);
  if (url === '/token') {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ token }));
  } else {
    const cookie = `${COOKIE}=${token}; Path=/; HttpOnly; Secure; SameSite=Strict`;
    response.writeHead(204, { 'Set-Cookie': cookie }).end();
  }
}
