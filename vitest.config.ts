import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    include: ['main/**/*.test.ts', 'db/**/*.test.ts', 'renderer/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', ...(process.env.HEDGEROW_LONG ? [] : ['**/*.long.test.ts'])],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
