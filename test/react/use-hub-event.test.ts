// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { HubClient } from '../../src/client/index.ts';
import { useHubEvent } from '../../src/react/index.ts';
import { WebSocket } from '../../src/web/index.ts';
import { serveHub } from '../hub/served-hub.ts';
import { connectedOnce } from './connected-once.ts';
import { mount } from './mounted.ts';

type Chat = {
  client: object;
  server: { said: (data: { text: string }) => void; confirm: (data: string) => boolean };
};

/** The page of the environment is none of the hub's. */
const ANY_PAGE = { origins: 'any' } as const;

async function connect() {
  const { hub, url } = await serveHub<Chat>(ANY_PAGE);
  const client = new HubClient<Chat>(url, { WebSocket });
  onTestFinished(() => client.close());
  await connectedOnce(client);
  return { hub, client, socket: hub.sockets.get(client.id!)! };
}

describe('useHubEvent', () => {
  it('calls the newest handler for each event, as long as it is mounted', async () => {
    const { client, socket } = await connect();
    const got: string[] = [];
    const Listener = ({ name }: { name: string }) => {
      useHubEvent(client, 'said', ({ text }, { room }) => void got.push(`${name} ${text} ${room}`));
      return null;
    };
    const { render, unmount } = await mount(createElement(Listener, { name: 'first' }));
    const say = (text: string) => {
      const heard = new Promise((resolve) =>
        client.on('said', (data) => data.text === text && resolve(data)),
      );
      socket.emit('said', { text });
      return act(() => heard);
    };
    await say('a');
    await render(createElement(Listener, { name: 'second' }));
    await say('b');
    await unmount();
    await say('c');
    expect(got).toEqual(['first a undefined', 'second b undefined']);
  });

  it('answers the hub', async () => {
    const { client, socket } = await connect();
    const Asked = () => {
      useHubEvent(client, 'confirm', (question) => question === 'sure?');
      return null;
    };
    await mount(createElement(Asked));
    expect(await socket.request('confirm', 'sure?')).toBe(true);
  });

  it('tells what happens to the client, and nothing without one', async () => {
    const { client } = await connect();
    const got: unknown[] = [];
    const Watcher = ({ watched }: { watched: HubClient<Chat> | null }) => {
      useHubEvent(watched, 'disconnected', ({ code }) => {
        expectTypeOf(code).toBeNumber();
        got.push(code);
      });
      return null;
    };
    const { render } = await mount(createElement(Watcher, { watched: null }));
    await render(createElement(Watcher, { watched: client }));
    const gone = new Promise((resolve) => client.on('disconnected', resolve));
    client.close();
    await act(() => gone);
    expect(got).toEqual([1000]);
  });
});
