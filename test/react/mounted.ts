import { act, createElement, type ReactNode, StrictMode } from 'react';
import { type Container, createRoot } from 'react-dom/client';
import { onTestFinished, vi } from 'vitest';

vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);

/** Makes what React draws into. */
export function createContainer(): Container & { readonly textContent: string } {
  const { document } = globalThis as unknown as { document: { createElement(name: string): never } };
  return document.createElement('div');
}

/** Mounts components under StrictMode, for the test that is running. */
export async function mount(node: ReactNode) {
  const container = createContainer();
  const root = createRoot(container);
  let isMounted = true;
  const unmount = async (): Promise<void> => {
    if (isMounted) await act(async () => root.unmount());
    isMounted = false;
  };
  onTestFinished(unmount);
  const render = (next: ReactNode): Promise<void> =>
    act(async () => root.render(createElement(StrictMode, null, next)));
  await render(node);
  return { container, render, unmount };
}
