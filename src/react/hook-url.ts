import type { Provided } from '../client/index.ts';

/** A URL, or what returns it; `null` or `undefined` for no connection. A function may be another one at each render. */
export type HookUrl = Provided<string | URL> | null | undefined;

/** What has to change for another connection: functions are called for each attempt anyway. */
export function keyOf(url: HookUrl): string | null {
  if (url === null || url === undefined) return null;
  return typeof url === 'function' ? '' : String(url);
}

/** Calls, or returns, what a component has as its URL now. */
export function currentUrl(url: HookUrl): string | URL | PromiseLike<string | URL> {
  if (url === null || url === undefined) throw new TypeError('The URL is null');
  return typeof url === 'function' ? url() : url;
}
