/** Reads a limit as `ws` does: an int32, of which 0 and less, and nothing at all, mean no limit. */
export function limitOf(option: number | undefined): number {
  const limit = Number(option) | 0;
  return limit > 0 ? limit : Number.POSITIVE_INFINITY;
}
