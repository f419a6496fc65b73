import { randomBytes } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Visitor } from './ship.mts';

const ISSUER = 'hawser-example-jwt';
const AUDIENCE = 'hub';
const ALGORITHM = 'HS256';

/** Makes tokens, and reads those that it made. */
export class TokenMint {
  /** Made at start, and nowhere else: with the process all its tokens are worth nothing. */
  readonly #key = randomBytes(32);
  readonly #lifeSeconds: number;

  /** @param lifeSeconds - How long a token is good for. */
  constructor(lifeSeconds: number) {
    this.#lifeSeconds = lifeSeconds;
  }

  /** Makes a token that says who it is and what they may, and no more. */
  issue({ user, rooms }: Omit<Visitor, 'expiresAt'>): Promise<string> {
    return new SignJWT({ rooms })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(user)
      .setIssuedAt()
      .setExpirationTime(`${this.#lifeSeconds} s`)
      .sign(this.#key);
  }

  /** Reads a token; `undefined` where it is none of this mint's, or no longer good. */
  async read(token: string): Promise<Visitor | undefined> {
    try {
      const { payload } = await jwtVerify<{ rooms: string[]; sub: string; exp: number }>(token, this.#key, {
        // What the token itself says of its algorithm is not to be trusted (RFC 8725 §3.1).
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp', 'rooms'],
      });
      return { user: payload.sub, rooms: payload.rooms, expiresAt: payload.exp * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
