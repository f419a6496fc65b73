interface Environment {
  readonly location?: { readonly href?: unknown; readonly origin?: unknown };
}

/** What relative URLs are resolved against: the environment's location, which Node has none of. */
export function baseUrl(): string | undefined {
  const href = (globalThis as Environment).location?.href;
  return typeof href === 'string' ? href : undefined;
}

/** What the Origin header says, where the environment has a location. */
export function environmentOrigin(): string | undefined {
  const origin = (globalThis as Environment).location?.origin;
  return typeof origin === 'string' ? origin : undefined;
}
