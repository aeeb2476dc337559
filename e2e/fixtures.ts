import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';
import type { Locator, Page } from 'playwright-core';
import { plantSeed, SAMPLE } from './seed.ts';
import { ELECTRON_DIST, openInBrowser, openInElectron, type Running } from './shells.ts';

/**
 * `app`: a running program with a home of its own, on the shell of the project. The home holds the sample with one run, or with
 * `fresh` nothing. Fails a test whose page complained.
 */
export const test = base.extend<{ app: Running; fresh: boolean }>({
  fresh: [false, { option: true }],
  app: async ({ fresh }, use, info) => {
    const electron = info.project.name === 'electron';
    info.skip(electron && !ELECTRON_DIST, 'electron: ELECTRON_OVERRIDE_DIST_PATH is not set');
    const prepare = fresh ? () => undefined : plantSeed;
    const app = electron ? await openInElectron({ prepare }) : await openInBrowser({ prepare });
    try {
      await use(app);
      expect(app.complaints, 'console errors and warnings').toEqual([]);
    } finally {
      await app.close();
    }
  },
});

export { expect };

/** The sample workspace and one run with the default settings, on the Runs screen: the seed's, or made as on the first start. */
export async function openSampleAndRun(page: Page): Promise<void> {
  const made = page.getByRole('button', { name: SAMPLE });
  const none = page.getByText('None yet.');
  await expect(made.or(none)).toBeVisible();
  if (await made.isVisible()) {
    await made.click();
    await expect(page.getByRole('heading', { name: 'Book', level: 1 })).toBeVisible();
    await goTo(page, 'Runs');
    await expect(page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R1', exact: true })).toBeVisible();
    return;
  }
  await page.getByRole('button', { name: 'Open the sample' }).click();
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible({ timeout: 45_000 });
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  await expect(page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R1', exact: true })).toBeVisible({
    timeout: 45_000,
  });
}

/**
 * Waits until the page shows what it asked for: no request is under way, nothing is marked as loading, and that holds for a moment
 * (a screen that got its data may ask for more). What is read from a page once, without waiting for a value, is read after this.
 */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const state = window as { requestsUnderWay?: number; quietSince?: number };
      const loading = document.evaluate(
        "boolean(//*[@aria-busy='true' or starts-with(normalize-space(text()), 'Loading') or starts-with(normalize-space(text()), 'Computing')])",
        document.body,
        null,
        XPathResult.BOOLEAN_TYPE,
      ).booleanValue;
      if (loading || state.requestsUnderWay) delete state.quietSince;
      else state.quietSince ??= performance.now();
      return state.quietSince !== undefined && performance.now() - state.quietSince > 120;
    },
    null,
    { polling: 40, timeout: 60_000 },
  );
  await page.evaluate(() => void delete (window as { quietSince?: number }).quietSince);
}

/** Asks the program for something beside what the screen does, as another window or a script would. */
export async function callAsAnother(page: Page, method: string, input: object): Promise<void> {
  const ok = await page.evaluate(
    async ([name, body]) => {
      const headers = { 'content-type': 'application/json', 'x-hedgerow-session': sessionStorage.getItem('hedgerow-session') ?? '' };
      return (await fetch(`/api/${name}`, { method: 'POST', body, headers })).ok;
    },
    [method, JSON.stringify(input)] as const,
  );
  expect(ok, method).toBe(true);
}

export async function goTo(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true }).click();
  await settled(page);
}

/** Cells of the body rows of a grid by row number, also those that scrolling brings. */
export async function gridRows(grid: Locator): Promise<string[][]> {
  const rows = new Map<string, string[]>();
  const height = await grid.evaluate((element) => element.scrollHeight);
  for (let y = 0; y < height; y += 150) {
    // The grid writes other rows into the same elements: what is shown is read in one go, once the grid has followed.
    const shown = await grid.evaluate(async (element, top) => {
      element.scrollTop = top;
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      return [...element.querySelectorAll('[role=row]')].map(
        (row) =>
          [row.getAttribute('aria-rowindex')!, [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent ?? '')] as const,
      );
    }, y);
    for (const [index, cells] of shown) if (cells.length > 0) rows.set(index, cells);
  }
  return [...rows.values()];
}

/** No accessibility finding on what is shown now, of every rule or of `rules`. Legacy mode: Electron has no second page to run axe in. */
export async function expectAccessible(page: Page, rules?: readonly string[]): Promise<void> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  if (rules) axe.withRules([...rules]);
  const requests = (): Promise<number | undefined> => page.evaluate(() => (window as { requestsMade?: number }).requestsMade);
  let found: string[];
  let before: number | undefined;
  let rounds = 0;
  do {
    // What is being loaded anew is dimmed: what was found counts where the page asked for nothing meanwhile.
    before = await requests();
    await settled(page);
    const { violations } = await axe.analyze();
    found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join(' | ')}`,
    );
  } while (found.length > 0 && before !== (await requests()) && ++rounds < 5);
  expect(found).toEqual([]);
}
