import { expect, expectAccessible, goTo, openSampleAndRun, test } from './fixtures.ts';

/** The rules that the theme can change; all others look at the elements, which are the same in both. */
const THEMED = ['color-contrast', 'link-in-text-block'];

const SCREENS = [
  'Start',
  'Today',
  'Import',
  'Book',
  'Exposures',
  'Risk',
  'Attribution',
  'Security',
  'Hedge',
  'Data health',
  'Identities',
  'Runs',
  'Methodology',
  'Settings',
] as const;

test('axe finds nothing on any screen, empty or filled, light or dark', async ({ app }) => {
  const { page } = app;
  const theme = page.getByRole('combobox', { name: 'Theme' });
  await expectAccessible(page);
  await openSampleAndRun(page);
  for (const choice of ['light', 'dark']) {
    await theme.selectOption(choice);
    const rules = choice === 'light' ? undefined : THEMED;
    for (const screen of SCREENS) {
      await test.step(`${screen}, ${choice}`, async () => {
        await goTo(page, screen);
        await expect(page.getByRole('heading', { name: screen, level: 1 })).toBeVisible();
        await expectAccessible(page, rules);
      });
    }
    await goTo(page, 'Book');
    await page.getByRole('grid', { name: 'Positions', exact: true }).getByRole('gridcell').first().click();
    await expect(page.getByRole('region', { name: 'Level 1' })).toBeVisible();
    await expectAccessible(page, rules);
    for (const [keys, name] of [
      ['Control+k', 'Command palette'],
      ['?', 'Keyboard shortcuts'],
    ] as const) {
      await page.keyboard.press(keys);
      await expect(page.getByRole('dialog', { name })).toBeVisible();
      await expectAccessible(page, rules);
      await page.keyboard.press('Escape');
    }
    await goTo(page, 'Data health');
    await page.getByRole('grid', { name: 'Findings' }).getByRole('gridcell').first().click();
    await expect(page.getByRole('textbox', { name: 'Reason' })).toBeVisible();
    await expectAccessible(page, rules);
  }
});

test('screens fit 1280x720 without a horizontal scroll bar of the page', async ({ app }) => {
  const { page } = app;
  await page.setViewportSize({ width: 1280, height: 720 });
  await openSampleAndRun(page);
  for (const screen of SCREENS) {
    await goTo(page, screen);
    await expect(page.getByRole('heading', { name: screen, level: 1 })).toBeVisible();
    expect(await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth), screen).toBeLessThanOrEqual(0);
  }
});
