/** Set in the environment, it turns the fast path off for the whole process, as WS_NO_BUFFER_UTIL does a part of `ws`. */
const OFF = Boolean(process.env.HAWSER_NO_FAST_PATH);

/** Tells whether Node's internals may be used; `option` is what the user set, by default that they may. */
export function fastPathAllowed(option: boolean | undefined): boolean {
  return !OFF && option !== false;
}
