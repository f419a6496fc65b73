import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { launchBrowser, openProbe } from './browser.ts';
import { makeCertificate } from './certificate.ts';
import type { Engine, Transport } from './engine.ts';
import { startEngine } from './engine.ts';
import type { Kind } from './exchange.ts';
import { exchange } from './exchange.ts';

const SMALL_SIZES = [0, 1, 125, 126, 65_535, 65_536];
const SIZES = [...SMALL_SIZES, 1024 * 1024, 16 * 1024 * 1024];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each([
  { perMessageDeflate: false, extension: '' },
  { perMessageDeflate: true, extension: 'permessage-deflate' },
])(
  'payloads from 0 B to 16 MiB, perMessageDeflate: $perMessageDeflate',
  ({ perMessageDeflate, extension }) => {
    it.each<Kind>(['text', 'arraybuffer', 'blob'])(
      'arrive unchanged both ways as %s',
      async (kind) => {
        const engine = await startEngine({ transport: 'attached', options: { perMessageDeflate } });
        onTestFinished(() => engine.close());

        const { extensions, onTheWire } = await expectUnchanged(engine, kind, SIZES);

        expect(extensions.split(';', 1)[0]).toBe(extension);
        // All payloads can be made smaller: fewer bytes go over the wire if and only if they are compressed.
        const total = SIZES.reduce((sum, size) => sum + size, 0);
        expect(onTheWire.bytesRead < total).toBe(perMessageDeflate);
        expect(onTheWire.bytesWritten < total).toBe(perMessageDeflate);
      },
      90_000,
    );
  },
);

describe.each<Transport>(['attached', 'raw'])('the %s server', (transport) => {
  it.each<Kind>(['text', 'arraybuffer'])('carries %s over TCP', async (kind) => {
    const engine = await startEngine({ transport });
    onTestFinished(() => engine.close());

    await expectUnchanged(engine, kind, SMALL_SIZES);
  });

  it.each<Kind>(['text', 'arraybuffer'])(
    'carries %s over TLS, with a self-signed certificate',
    async (kind) => {
      const engine = await startEngine({ transport, certificate: makeCertificate() });
      onTestFinished(() => engine.close());

      await expectUnchanged(engine, kind, SMALL_SIZES);
    },
  );
});

async function expectUnchanged(engine: Engine, kind: Kind, sizes: number[]) {
  const page = await openProbe(browser, engine.pageUrl);
  const { atPage, atServer, onTheWire } = await exchange(page, engine, { kind, sizes });
  await page.context().close();

  expect(atServer.map(({ size }) => size)).toEqual(sizes);
  expect(atServer.map(({ isBinary }) => isBinary)).toEqual(sizes.map(() => kind !== 'text'));
  expect(atServer.map(({ received }) => received)).toEqual(atPage.exchanged.map(({ sent }) => sent));
  expect(atPage.exchanged.map(({ received }) => received)).toEqual(atServer.map(({ sent }) => sent));
  expect(atPage.exchanged.map(({ type }) => type)).toEqual(sizes.map(() => kind));
  return { extensions: atPage.extensions, onTheWire };
}
