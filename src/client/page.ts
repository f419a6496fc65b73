/** What happens to a page, as far as its connections feel it. */
export interface PageEvents {
  /** The network is back, by what the browser knows of it. */
  onOnline(): void;
  onOffline(): void;
  /** The page is put away, and may come back: it must not keep a connection meanwhile. */
  onSuspend(): void;
  /** The page is back, or is looked at again. */
  onResume(): void;
}

interface Environment extends Partial<EventTarget> {
  readonly document?: EventTarget & { readonly visibilityState: string };
  readonly navigator?: { readonly onLine?: boolean };
}

const environment = globalThis as unknown as Environment;

/** Tells whether the browser is sure that there is no network. */
export function isOffline(): boolean {
  return environment.navigator?.onLine === false;
}

/** Listens to the page, or the worker, until the function that is returned is called; elsewhere there is nothing to hear. */
export function followPage({ onOnline, onOffline, onSuspend, onResume }: PageEvents): () => void {
  const { document } = environment;
  const stop = new AbortController();
  const listen = (target: Partial<EventTarget> | undefined, type: string, listener: (event: Event) => void) =>
    target?.addEventListener?.(type, listener, { signal: stop.signal });
  const ifPersisted = (callback: () => void) => (event: Event) => {
    if ((event as Event & { persisted?: boolean }).persisted) callback();
  };
  listen(environment, 'online', onOnline);
  listen(environment, 'offline', onOffline);
  // The back/forward cache takes no page with an open connection.
  listen(environment, 'pagehide', ifPersisted(onSuspend));
  listen(environment, 'pageshow', ifPersisted(onResume));
  listen(document, 'freeze', onSuspend);
  listen(document, 'resume', onResume);
  listen(document, 'visibilitychange', () => {
    if (document?.visibilityState === 'visible') onResume();
  });
  return () => stop.abort();
}
