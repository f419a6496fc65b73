import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: pathOf('page'),
  build: {
    emptyOutDir: true,
    rolldownOptions: {
      input: ['page/index.html', 'page/figures/index.html'].map(pathOf),
      onLog(level, log, report) {
        // 'use client' means something to servers that render React; here is none.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
  // JSX without a plugin: nothing here is exchanged while it runs.
  oxc: { jsx: { runtime: 'automatic' } },
});

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
