/** Tells whether a request's target is visible ASCII, as all URIs are (RFC 9112 §3.2, RFC 9113 §8.3.1). */
export function isTarget(target: string): boolean {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code <= 0x20 || code > 0x7e) return false;
  }
  return target !== '';
}

/** @throws {TypeError} Code ERR_UNESCAPED_CHARACTERS: it is no {@link isTarget}. */
export function assertTarget(target: string): void {
  if (isTarget(target)) return;
  const error = new TypeError('Request path contains unescaped characters');
  throw Object.assign(error, { code: 'ERR_UNESCAPED_CHARACTERS' });
}
