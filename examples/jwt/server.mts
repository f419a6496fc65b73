import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createHub, type Hub, Refused, tokenOf } from 'hawser/hub';
import type { Accounts } from './accounts.mts';
import type { Ship, Visitor } from './ship.mts';
import { COOKIE, createTokenEndpoint } from './token-endpoint.mts';
import { TokenMint } from './token-mint.mts';

/** Makes a server of tokens, and of a hub that takes them; it does not listen yet. */
export function createShip(
  accounts: Accounts,
  lifeSeconds: number,
): { server: Server; hub: Hub<Ship, Visitor> } {
  const mint = new TokenMint(lifeSeconds);
  const server = createServer(createTokenEndpoint(accounts, mint));
  const hub = createHub<Ship, Visitor>({
    server,
    authorize: (request) => authorize(request, mint),
    expiresAt: ({ expiresAt }) => expiresAt,
    // Not `expiresAt`, or no session would outlive its token. The rooms: a session keeps those that it is in, so that who may
    // less than before has to begin a new one.
    identify: ({ user, rooms }) => JSON.stringify([user, rooms]),
    authorizeJoin: ({ context }, room) => context.rooms.includes(room),
  });
  hub.on('whoami', (_data, { context }) => context);
  return { server, hub };
}

/** Lets in who has a token: browsers have it in a subprotocol or a cookie, programs in a header. */
async function authorize(request: IncomingMessage, mint: TokenMint): Promise<Visitor | Refused> {
  const token = tokenOf(request, { subprotocol: 'bearer.', cookie: COOKIE, bearer: true });
  const visitor = token === undefined ? undefined : await mint.read(token);
  return visitor ?? new Refused(401, { headers: { 'WWW-Authenticate': 'Bearer' } });
}
