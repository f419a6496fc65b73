/** The real `ws` that every scenario has to pass with first. */
export const WS_VERSION = '8.23.0';

/**
 * The packages that are tested with Hawser in the place of `ws`, in exact versions.
 *
 * - `packages`: what is installed; `users` of them are those that load `ws` themselves.
 * - `breaks`: what a broken Hawser may get wrong, and the scenario has to notice; see broken.cjs.
 * - `quick`: part of `--quick`, and so of `npm test`.
 */
export const CONSUMERS = [
  {
    name: 'engine.io',
    packages: { 'engine.io': '6.6.12', 'engine.io-client': '6.6.8' },
    users: ['engine.io', 'engine.io-client'],
    breaks: ['text', 'binary', 'close'],
    quick: true,
  },
  {
    name: 'socket.io',
    packages: { 'socket.io': '4.8.4', 'socket.io-client': '4.8.4' },
    users: ['engine.io', 'engine.io-client', 'socket.io-adapter'],
    breaks: ['text', 'binary', 'close'],
    quick: true,
  },
  {
    name: 'graphql-ws',
    packages: { 'graphql-ws': '6.4.2', graphql: '16.11.0' },
    users: ['graphql-ws/use/ws'],
    breaks: ['text', 'binary', 'close'],
    quick: true,
  },
  {
    name: 'mqtt',
    packages: { mqtt: '5.16.0', aedes: '1.2.0' },
    users: ['mqtt'],
    breaks: ['binary', 'close'],
    quick: true,
  },
  {
    name: 'fastify-websocket',
    packages: { '@fastify/websocket': '11.3.6', fastify: '5.12.8' },
    users: ['@fastify/websocket'],
    breaks: ['text', 'binary', 'close'],
  },
  {
    name: 'express-ws',
    packages: { 'express-ws': '5.0.2', express: '4.21.2' },
    users: ['express-ws'],
    breaks: ['text', 'binary', 'close'],
  },
  {
    name: 'http-proxy',
    packages: { 'http-proxy': '1.18.1' },
    users: [],
    breaks: ['text', 'binary', 'close'],
  },
  {
    name: 'ethers',
    packages: { ethers: '6.17.0' },
    users: ['ethers'],
    breaks: ['text', 'close'],
  },
];
