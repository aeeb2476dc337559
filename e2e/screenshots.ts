/**
 * Pictures of every screen with the sample workspace: 1440x900 and 1280x720, light and dark.
 *
 *   node e2e/screenshots.ts [FOLDER [odd [SIZE…]]]     (default: out/screenshots; needs a build)
 *
 * `odd`: with a workspace of long names, large counts and missing values (`odd-workspace.ts`). SIZE: light, dark, small, small-dark, zoom.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { goTo, openSampleAndRun } from './fixtures.ts';
import { ODD as ODD_NAME, plantOddWorkspace } from './odd-workspace.ts';
import { openInBrowser, ROOT } from './shells.ts';

const [, , target, kind, ...sizes] = process.argv;
const odd = kind === 'odd';
const folder = resolve(target ?? join(ROOT, 'out', 'screenshots'));
mkdirSync(folder, { recursive: true });
const { page, complaints, close } = await openInBrowser(odd ? { prepare: plantOddWorkspace } : {});
const shoot = (name: string): Promise<unknown> => page.screenshot({ path: join(folder, `${name}.png`) });

const ODD = join(folder, 'odd-holdings.csv');
writeFileSync(ODD, 'Our own report\nPapier,Stück,Konto,Stand\nSPY,120,A-1,2026-06-30\nQXAA,-30,A-1,2026-06-30\nTotal,90,,\n');
/** Long screens: their end as well. */
const SCROLLED = ['Exposures', 'Risk', 'Attribution', 'Hedge', 'Effectiveness', 'Scenarios', 'Security'];

try {
  await page.getByRole('heading', { name: 'Start', level: 1 }).waitFor();
  await shoot('first-run');
  if (odd) {
    await page.getByRole('button', { name: ODD_NAME }).click();
    await page.getByRole('heading', { name: 'Book', level: 1 }).waitFor();
  } else await openSampleAndRun(page);
  // Something to follow up: a hedge that was exported, and a second run to compare with.
  await goTo(page, 'Hedge');
  const exporting = page.getByRole('button', { name: 'Export generic CSV' });
  const reason = page.getByRole('textbox', { name: /say why/ });
  await exporting.waitFor();
  if (await reason.isVisible()) await reason.fill('pictures of the simulated market');
  await exporting.click({ timeout: 10_000 }).catch(() => shoot('hedge-not-exported'));
  await page
    .getByText(/Written and read back/)
    .waitFor({ timeout: 10_000 })
    .catch(() => undefined);
  await goTo(page, 'Runs');
  await page.getByRole('spinbutton', { name: /^Window/ }).fill('504');
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  await page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R2', exact: true }).waitFor();
  for (const { name, theme, width, height } of [
    { name: 'light', theme: 'light', width: 1440, height: 900 },
    { name: 'dark', theme: 'dark', width: 1440, height: 900 },
    { name: 'small', theme: 'light', width: 1280, height: 720 },
    { name: 'small-dark', theme: 'dark', width: 1280, height: 720 },
    // What 200 % zoom leaves of 1280x720.
    { name: 'zoom', theme: 'light', width: 640, height: 360 },
  ]) {
    if (sizes.length > 0 ? !sizes.includes(name) : name === 'zoom') continue;
    await page.setViewportSize({ width, height });
    await page.getByRole('combobox', { name: 'Theme' }).selectOption(theme);
    for (const screen of [
      'Start',
      'Today',
      'Import',
      'Book',
      'Exposures',
      'Risk',
      'Attribution',
      'Hedge',
      'Effectiveness',
      'Scenarios',
      'Data health',
      'Identities',
      'Runs',
      'Methodology',
      'Settings',
      'Security',
    ]) {
      await goTo(page, screen);
      if (screen === 'Security') {
        // The largest position: an ETF found by name may have no rows of its own.
        await goTo(page, 'Book');
        await page.getByRole('grid', { name: 'Positions', exact: true }).getByRole('gridcell').first().click();
        await page.locator('.uplot').first().waitFor();
      }
      if (screen === 'Runs') await page.getByRole('combobox', { name: 'with' }).selectOption({ index: 1 });
      await page.waitForTimeout(500);
      await shoot(`${screen.toLowerCase().replace(' ', '-')}-${name}`);
      if (screen === 'Start') {
        await page.keyboard.press('Control+k');
        await page.getByRole('dialog', { name: 'Command palette' }).getByRole('combobox').fill('About Hedgerow');
        await page.keyboard.press('Enter');
        await page.getByRole('dialog', { name: 'About Hedgerow' }).getByText('Version').waitFor();
        await shoot(`about-${name}`);
        await page.keyboard.press('Escape');
      }
      if (screen === 'Import') {
        // A holdings file of a layout nobody knows: what was found, and the columns chosen by hand.
        const chosen = page.waitForEvent('filechooser');
        await page.getByRole('button', { name: 'Choose files…' }).click();
        await (await chosen).setFiles([ODD]);
        const columns = page.getByText('Choose the columns of a holdings file by hand');
        await columns.waitFor();
        await shoot(`import-report-${name}`);
        await columns.click();
        await page.getByRole('button', { name: 'Read with these columns' }).scrollIntoViewIfNeeded();
        await shoot(`import-mapping-${name}`);
        await page.getByRole('button', { name: 'Discard', exact: true }).click();
      }
      if (SCROLLED.includes(screen)) {
        await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
        await page.waitForTimeout(200);
        await shoot(`${screen.toLowerCase()}-end-${name}`);
      }
      if (screen !== 'Settings') continue;
      for (const part of ['ETF map', 'Numbers and theme', 'Backups', 'Limits']) {
        await page.getByRole('link', { name: part, exact: true }).click();
        await page.waitForTimeout(300);
        await shoot(`settings-${part.toLowerCase().replaceAll(' ', '-')}-${name}`);
      }
    }
  }
} finally {
  await close();
}
for (const complaint of complaints) console.error(complaint);
console.log(folder);
