import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installOnce } from './install-once.ts';
import { createProject } from './project.ts';

/** The oldest React that the hooks are for; the newest is a dev dependency. */
const OLDEST = '18.0.0';

/** Draws a hook on a server and under StrictMode, over a WebSocket that the program answers itself. */
const PROGRAM = `
const { Window } = require('happy-dom');
Object.assign(globalThis, { window: new Window(), IS_REACT_ACT_ENVIRONMENT: true });
globalThis.document = window.document;
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true });
const { createElement, StrictMode, version } = require('react');
const { act } = require('react').act ? require('react') : require('react-dom/test-utils');
const { createRoot } = require('react-dom/client');
const { renderToString } = require('react-dom/server');
const { useWebSocket } = require('hawser/react');
const made = [];
class Fake {
  readyState = 0;
  constructor(url) { this.url = url; made.push(this); }
  send() {}
  close() { this.readyState = 2; }
}
const texts = [];
function Shown() {
  const { status, lastMessage } = useWebSocket('ws://a', { WebSocket: Fake });
  texts.push(status + ' ' + lastMessage);
  return null;
}
(async () => {
  renderToString(createElement(Shown));
  const root = createRoot(document.createElement('div'));
  await act(async () => root.render(createElement(StrictMode, null, createElement(Shown))));
  const [socket] = made;
  await act(async () => { socket.readyState = 1; socket.onopen({}); });
  await act(async () => socket.onmessage({ data: '7' }));
  await act(async () => root.unmount());
  console.log(version.split('.')[0], made.length, socket.readyState, JSON.stringify([...new Set(texts)]));
  await window.happyDOM.close();
})();
`;

const printed = (version: string) => `${version} 1 2 ["connecting null","connected null","connected 7"]\n`;

describe('hawser/react', () => {
  let oldest: string;
  beforeAll(async () => {
    oldest = await installOnce(`react/${OLDEST}`, [`react@${OLDEST}`, `react-dom@${OLDEST}`]);
  }, 120_000);

  it('works with the newest React', async () => {
    const project = createProject({ 'main.cjs': PROGRAM }, ['react', 'react-dom', 'happy-dom']);
    expect(await project.node('main.cjs')).toEqual({ code: 0, output: printed('19') });
  });

  it(`works with React ${OLDEST}`, async () => {
    const project = createProject({ 'main.cjs': PROGRAM }, ['happy-dom']);
    for (const name of ['react', 'react-dom']) {
      symlinkSync(join(oldest, name), join(project.folder, 'node_modules', name), 'dir');
    }
    expect(await project.node('main.cjs')).toEqual({ code: 0, output: printed('18') });
  });
});
