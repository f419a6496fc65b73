import { expect, it, vi } from 'vitest';

it('hands the platform’s own classes over', async () => {
  const classes = { WebSocket: class {}, CloseEvent: class {} };
  vi.stubGlobal('WebSocket', classes.WebSocket);
  vi.stubGlobal('CloseEvent', classes.CloseEvent);
  try {
    const browser = await import('../../src/web/browser.ts');
    expect({ ...browser }).toEqual(classes);
  } finally {
    vi.unstubAllGlobals();
  }
});
