import { defineConfig } from 'vitest/config';

/** Functions of their arguments: no folders, workers or environment variables that one test file could leave to the next. */
const PURE = ['main/calendar', 'main/contract', 'main/exporters', 'main/importers', 'main/quant', 'renderer'].map(
  (folder) => `${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    pool: 'forks',
    // One for every core; one is left idle otherwise, which is half of a small machine.
    maxWorkers: '100%',
    exclude: ['**/node_modules/**', '**/dist/**', ...(process.env.HEDGEROW_LONG ? [] : ['**/*.long.test.ts'])],
    setupFiles: 'main/core/testing/every-file.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      // One process serves many files: starting one for each takes longer than most of them run.
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'program',
          globalSetup: 'main/core/testing/build-workers.ts',
          include: ['main/**/*.test.ts', 'db/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', ...PURE, ...(process.env.HEDGEROW_LONG ? [] : ['**/*.long.test.ts'])],
        },
      },
    ],
  },
});
