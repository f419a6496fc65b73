/** Who somebody says to be, by the userinfo of a URL (RFC 3986 §3.2.1). */
export interface Userinfo {
  readonly username: string;
  readonly password: string;
}

/** Reads the userinfo of a URL, percent-decoded; `undefined` when there is none. */
export function userinfoOf({ username, password }: URL): Userinfo | undefined {
  if (!username && !password) return undefined;
  return { username: percentDecoded(username), password: percentDecoded(password) };
}

/** Returns the value of an Authorization header for `user:password` (RFC 7617 §2). */
export function basicAuthorization(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** Decodes what a URL has of ASCII; unlike `decodeURIComponent`, what is no UTF-8 is no error. */
function percentDecoded(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
