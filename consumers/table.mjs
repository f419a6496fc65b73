/** The real `ws` that every scenario has to pass with first. */
export const WS_VERSION = '8.23.0';

/**
 * The packages that are tested with Hawser in the place of `ws`, in exact versions.
 *
 * - `packages`: what is installed; `users` of them are those that load `ws` themselves.
 * - `breaks`: what a broken Hawser may get wrong, and the scenario has to notice; see broken.cjs.
 * - `example`: the folder under examples/ that the scenario tests. It imports `hawser` by its name, so that is what is
 *   installed, beside the `ws` of the packages.
 * - `needsChromium`: left out where there is none.
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
  {
    name: 'y-websocket',
    packages: { 'y-websocket': '3.1.0', '@y/websocket-server': '0.1.1', yjs: '13.6.33' },
    users: ['@y/websocket-server/utils'],
    breaks: ['binary', 'close'],
  },
  {
    name: 'puppeteer-core',
    packages: { 'puppeteer-core': '24.43.1' },
    users: ['puppeteer-core'],
    breaks: ['text', 'binary', 'close'],
    needsChromium: true,
  },
  {
    name: 'nestjs',
    packages: {
      '@nestjs/platform-ws': '11.2.6',
      '@nestjs/websockets': '11.2.6',
      '@nestjs/core': '11.2.10',
      '@nestjs/common': '11.2.10',
      '@nestjs/platform-express': '11.2.10',
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
    },
    users: ['@nestjs/platform-ws'],
    breaks: ['text', 'binary', 'close'],
  },
  {
    name: 'hocuspocus',
    // From version 4 on the server uses crossws, which has a copy of ws inside that nothing can replace.
    packages: {
      '@hocuspocus/server': '3.4.4',
      '@hocuspocus/provider': '3.4.4',
      yjs: '13.6.33',
      'y-protocols': '1.0.7',
    },
    users: ['@hocuspocus/server', '@hocuspocus/provider'],
    breaks: ['binary', 'close'],
  },
  {
    name: 'slack',
    // From version 3 on the client is undici's.
    packages: { '@slack/socket-mode': '2.0.7' },
    users: ['@slack/socket-mode'],
    breaks: ['text', 'close'],
  },
  {
    name: 'example-socket.io',
    packages: { 'socket.io': '4.8.4', 'socket.io-client': '4.8.4', 'puppeteer-core': '24.43.1' },
    users: [],
    example: 'socket.io',
    breaks: ['text', 'binary'],
    needsChromium: true,
  },
];
