import { channel } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as channels from '../../src/diagnostics/channels.ts';
import { recorded } from './recorded.ts';

const { publish, ...all } = channels;

it('has channels that everybody finds by their names', () => {
  for (const one of Object.values(all)) expect(one).toBe(channel(one.name));
});

it('publishes to whoever subscribes', () => {
  const messages = recorded('hawser:open');
  const message = { websocket: {}, role: 'client' } as const;
  expect(channels.open.hasSubscribers).toBe(true);
  publish(channels.open, message);
  expect(messages).toEqual([message]);
});

it('has the channels that the documentation names', () => {
  const text = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `(hawser:[a-z:]+)`/gm)].map(([, name]) => name);
  expect(documented.sort()).toEqual(
    Object.values(all)
      .map(({ name }) => name)
      .sort(),
  );
});
