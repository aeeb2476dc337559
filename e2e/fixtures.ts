import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';
import type { Page } from 'playwright-core';
import { ELECTRON_DIST, openInBrowser, openInElectron, type Running } from './shells.ts';

/** `app`: a running program with an empty home, on the shell of the project. Fails a test whose page complained. */
export const test = base.extend<{ app: Running }>({
  // Playwright wants an object pattern here, also an empty one.
  // eslint-disable-next-line no-empty-pattern
  app: async ({}, use, info) => {
    const electron = info.project.name === 'electron';
    info.skip(electron && !ELECTRON_DIST, 'electron: ELECTRON_OVERRIDE_DIST_PATH is not set');
    const app = electron ? await openInElectron() : await openInBrowser();
    try {
      await use(app);
      expect(app.complaints, 'console errors and warnings').toEqual([]);
    } finally {
      await app.close();
    }
  },
});

export { expect };

/** First run: the sample workspace, and one run with the default settings. */
export async function openSampleAndRun(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible({ timeout: 45_000 });
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  await expect(page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R1', exact: true })).toBeVisible({
    timeout: 45_000,
  });
}

export const goTo = (page: Page, screen: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true }).click();

/** No accessibility finding on what is shown now. Legacy mode: Electron has no second page to run axe in. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join(' | ')}`),
  ).toEqual([]);
}
