import { defineConfig } from '@playwright/test';

/** `node_modules/.bin/playwright test -c e2e/playwright.config.ts`: the same specs on both shells. */
export const config = defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './global-setup.ts',
  workers: 2,
  timeout: 300_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  projects: [{ name: 'browser' }, { name: 'electron' }],
});

// Playwright reads its configuration from the default export only.
export { config as default };
