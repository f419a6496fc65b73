import { createElement, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { HubClient } from '../../../src/client/index.ts';
import { useHub, useHubEvent, useWebSocket } from '../../../src/react/index.ts';

const url = location.origin.replace('http', 'ws');
const root = createRoot(document.body.appendChild(document.createElement('main')));

function Counter() {
  const { client, status } = useHub(url);
  const [numbers, setNumbers] = useState([]);
  useHubEvent(client, 'n', (n) => setNumbers((before) => [...before, n]));
  return createElement('p', { id: 'hub' }, `${status}: ${numbers.join()}`);
}

function Plain() {
  const { status, lastMessage } = useWebSocket(`${url}/`);
  return createElement('p', { id: 'plain' }, `${status} ${JSON.stringify(lastMessage)}`);
}

/** What the tests call in the page. */
globalThis.hubPage = {
  connect() {
    const client = new HubClient(url, { minDelayMs: 10 });
    globalThis.client = client;
    return new Promise((resolve) => client.on('connected', resolve));
  },
  /** Sends events that have to arrive; `answers` are theirs, in order. */
  emit(numbers) {
    globalThis.answers = Promise.all(numbers.map((n) => globalThis.client.emit('n', n, { reliable: true })));
  },
  mount() {
    root.render(createElement(StrictMode, null, createElement(Counter), createElement(Plain)));
  },
  unmount() {
    root.unmount();
  },
};
