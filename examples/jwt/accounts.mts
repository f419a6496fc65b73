import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { tokenOf } from 'hawser/hub';

export interface Account {
  readonly user: string;
  readonly rooms: readonly string[];
}

/** Who may have tokens. */
export class Accounts {
  /** By what their keys hash to: whoever reads this has no key. */
  readonly #accounts = new Map<string, Account>();

  /** Opens an account, and gives its key, which is kept nowhere. */
  open(account: Account): string {
    const key = randomBytes(32).toString('base64url');
    this.#accounts.set(hash(key), account);
    return key;
  }

  /** Finds the account whose key a request shows. */
  find(request: IncomingMessage): Account | undefined {
    const key = tokenOf(request, { bearer: true });
    return key === undefined ? undefined : this.#accounts.get(hash(key));
  }
}

function hash(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
