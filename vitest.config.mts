import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/**', 'test/e2e/**', 'test/redis/**', 'test/system/**'],
        },
      },
      {
        // What needs a Redis server.
        extends: true,
        test: { name: 'redis', include: ['test/redis/**/*.test.ts'] },
      },
      {
        // What depends on sockets once more, without Node's internals.
        extends: true,
        test: {
          name: 'no-fast-path',
          include: [
            'test/behaviour/**/*.test.ts',
            'test/compat/connection-*.test.ts',
            'test/compat/server-*.test.ts',
            'test/interop/**/*.test.ts',
            'test/node/*.test.ts',
          ],
          env: { HAWSER_NO_FAST_PATH: '1' },
        },
      },
      {
        // What connections do once more, over HTTP/2.
        extends: true,
        test: {
          name: 'h2',
          include: ['test/behaviour/**/*.test.ts'],
          // What a system does with sockets is not what it does with streams; proxies are for HTTP/1.1.
          exclude: ['test/behaviour/{partial-writes,file-descriptors,proxy}.test.ts'],
          env: { HAWSER_TEST_TRANSPORT: 'h2' },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: './test/package/install.ts',
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'] },
      },
      {
        // What needs programs of the system: proxies, a terminal.
        extends: true,
        test: { name: 'system', include: ['test/system/**/*.test.ts'] },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: {
        'src/core/**': { lines: 100, branches: 100, functions: 100, statements: 100 },
        'src/handshake/**': { lines: 100, branches: 100, functions: 100, statements: 100 },
      },
    },
  },
});
