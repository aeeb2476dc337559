/**
 * Pictures of every screen with the sample workspace: 1440x900 light and dark, 1280x720 light.
 *
 *   node e2e/screenshots.ts [FOLDER]     (default: out/screenshots; needs a build)
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { goTo, openSampleAndRun } from './fixtures.ts';
import { openInBrowser, ROOT } from './shells.ts';

const folder = resolve(process.argv[2] ?? join(ROOT, 'out', 'screenshots'));
mkdirSync(folder, { recursive: true });
const { page, complaints, close } = await openInBrowser();
const shoot = (name: string): Promise<unknown> => page.screenshot({ path: join(folder, `${name}.png`) });

try {
  await page.getByRole('heading', { name: 'Start', level: 1 }).waitFor();
  await shoot('first-run');
  await openSampleAndRun(page);
  for (const { name, theme, width, height } of [
    { name: 'light', theme: 'light', width: 1440, height: 900 },
    { name: 'dark', theme: 'dark', width: 1440, height: 900 },
    { name: 'small', theme: 'light', width: 1280, height: 720 },
  ]) {
    await page.setViewportSize({ width, height });
    await page.getByRole('combobox', { name: 'Theme' }).selectOption(theme);
    for (const screen of [
      'Start',
      'Import',
      'Book',
      'Exposures',
      'Risk',
      'Attribution',
      'Hedge',
      'Data health',
      'Runs',
      'Methodology',
      'Security',
    ]) {
      await goTo(page, screen);
      if (screen === 'Security') {
        // The largest position: an ETF found by name may have no rows of its own.
        await goTo(page, 'Book');
        await page.getByRole('grid', { name: 'Positions', exact: true }).getByRole('gridcell').first().click();
        await page.locator('.uplot').first().waitFor();
      }
      await page.waitForTimeout(500);
      await shoot(`${screen.toLowerCase().replace(' ', '-')}-${name}`);
    }
  }
} finally {
  await close();
}
for (const complaint of complaints) console.error(complaint);
console.log(folder);
