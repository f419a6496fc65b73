/** Bun and Deno have what looks like Node's internals, and is something else; Deno asks before it shows the environment. */
const IS_NODE = process.versions.bun === undefined && process.versions.deno === undefined;

/** Set in the environment, it turns the fast path off for the whole process, as WS_NO_BUFFER_UTIL does a part of `ws`. */
const ALLOWED = IS_NODE && !process.env.HAWSER_NO_FAST_PATH;

/** Tells whether Node's internals may be used; `option` is what the user set, by default that they may. */
export function fastPathAllowed(option: boolean | undefined): boolean {
  return ALLOWED && option !== false;
}
