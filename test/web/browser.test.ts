import { expect, it, vi } from 'vitest';

it('hands the platform’s own classes over', async () => {
  const classes = {
    WebSocket: class {},
    CloseEvent: class {},
    WebSocketStream: class {},
    WebSocketError: class {},
  };
  for (const [name, value] of Object.entries(classes)) vi.stubGlobal(name, value);
  try {
    const browser = await import('../../src/web/browser.ts');
    expect({ ...browser }).toEqual(classes);
  } finally {
    vi.unstubAllGlobals();
  }
});
