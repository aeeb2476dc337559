import type { Page } from 'playwright-core';
import { expect, expectAccessible, goTo, openSampleAndRun, settled, test } from './fixtures.ts';

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
  'Effectiveness',
  'Scenarios',
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

/** What is wider than the screen, outside of grids, which scroll by themselves; and days that are not written as this person does. */
function misfits(page: Page): Promise<{ beyond: string[]; days: string[] }> {
  return page.evaluate(() => {
    const main = document.querySelector('main')!;
    const { right } = main.getBoundingClientRect();
    const beyond = [...main.querySelectorAll<HTMLElement>('*')].filter(
      (one) => !one.closest('.grid, .visually-hidden') && one.getBoundingClientRect().right > right + 1,
    );
    const days: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent ?? '';
      if (/(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])/.test(text)) days.push(text.trim());
    }
    return { beyond: beyond.slice(0, 3).map((one) => `${one.tagName} ${one.textContent?.trim().slice(0, 60)}`), days };
  });
}

test('screens fit 1280x720 and 200 % zoom; days are written as the person chose', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await goTo(page, 'Settings');
  await page.getByRole('link', { name: 'Numbers and theme', exact: true }).click();
  await page.getByRole('combobox', { name: 'Dates shown' }).selectOption('dmy');
  await expect(page.locator('main').getByText(/30\.06\.2026 13:05/)).toBeVisible();
  // How high rows are is a choice among the others, and not of the palette alone.
  const heights: number[] = [];
  for (const rows of ['roomy', 'compact']) {
    await goTo(page, 'Settings');
    await page.getByRole('link', { name: 'Numbers and theme', exact: true }).click();
    await page.getByRole('combobox', { name: 'Rows of lists' }).selectOption(rows);
    await goTo(page, 'Runs');
    heights.push((await page.getByRole('gridcell', { name: 'R1', exact: true }).boundingBox())!.height);
  }
  expect(heights[0]! - heights[1]!).toBe(12);
  // 1440x900 at 200 % is a page of 720x450.
  for (const [width, height] of [
    [1280, 720],
    [720, 450],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const screen of SCREENS) {
      await goTo(page, screen);
      await expect(page.getByRole('heading', { name: screen, level: 1 })).toBeVisible();
      await settled(page);
      expect(await misfits(page), `${screen} at ${width}x${height}`).toEqual({ beyond: [], days: [] });
      expect(await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth), screen).toBeLessThanOrEqual(0);
      // A short window is all screen once it is scrolled.
      if (height === 450) expect(await page.locator('main').evaluate((main) => main.scrollHeight - main.clientHeight), screen).toBe(0);
      else if (screen === 'Runs' || screen === 'Hedge') {
        const first = page.locator('main').getByRole('grid').first();
        expect(await first.evaluate((grid) => grid.scrollWidth - grid.clientWidth), `columns of ${screen}`).toBe(0);
        // Nothing that was drawn or written is cut off.
        const cut = first
          .locator('[role=gridcell]')
          .filter({ has: page.locator('svg') })
          .or(first.getByText('BUY TO COVER'));
        for (const cell of await cut.all()) expect(await cell.evaluate((at) => at.scrollWidth - at.clientWidth)).toBe(0);
      }
    }
  }
  // No field of the settings shows less than it holds.
  await page.setViewportSize({ width: 1280, height: 720 });
  await goTo(page, 'Settings');
  for (const part of ['Estimator', 'ETF map', 'Numbers and theme', 'Scripts', 'Backups', 'Limits']) {
    await page.getByRole('link', { name: part, exact: true }).click();
    await settled(page);
    const cut = await page.locator('main').evaluate((main) =>
      [...main.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')].flatMap((field) => {
        if (field instanceof HTMLInputElement) return field.scrollWidth > field.clientWidth ? field.value : [];
        const shown = field.offsetWidth;
        const free = field.cloneNode(true) as HTMLSelectElement;
        Object.assign(free.style, { position: 'absolute', width: 'max-content', minWidth: '0', maxWidth: 'none' });
        field.after(free);
        const needed = free.offsetWidth;
        free.remove();
        return needed > shown + 1 ? field.value : [];
      }),
    );
    expect(cut, part).toEqual([]);
  }
  // A day is typed as it is written.
  const asOf = page.getByRole('textbox', { name: 'As of', exact: true });
  await asOf.fill('31.03.2026');
  await asOf.press('Enter');
  await goTo(page, 'Exposures');
  await expect(page.getByText(/on 31\.03\.2026, gross/).first()).toBeVisible();
});
