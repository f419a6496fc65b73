import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [`${process.env.MUTATION_TESTS}/**/*.test.ts`],
    setupFiles: ['mutation/setup.ts'],
    testTimeout: 30_000,
  },
});
