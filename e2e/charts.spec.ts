/** Grids and charts as an analyst uses them: book views and files, a security through time and the regression behind it. */
import { readFileSync } from 'node:fs';
import readXlsxFile from 'read-excel-file/node';
import type { Page } from 'playwright-core';
import { callAsAnother, expect, expectAccessible, goTo, openSampleAndRun, settled, test } from './fixtures.ts';

const plain = (text: string): string => text.trim().replace('−', '-').replaceAll(',', '');

/** Rows of a grid as they stand on the screen, the header first. */
async function gridTexts(page: Page, name: string): Promise<string[][]> {
  const grid = page.getByRole('grid', { name, exact: true });
  return grid.evaluate((box) =>
    [...box.querySelectorAll('[role=row]')]
      .sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
      .map((row) => [...row.querySelectorAll('[role=gridcell],[role=columnheader]')].map((cell) => (cell.textContent ?? '').trim())),
  );
}

test('book: groups, totals, filter, saved views and a workbook equal to the screen; a grid by keyboard', async ({ app }) => {
  const { page } = app;
  await page.setViewportSize({ width: 1800, height: 1400 });
  await openSampleAndRun(page);
  await goTo(page, 'Book');
  const grid = page.getByRole('grid', { name: 'Positions', exact: true });
  await page.getByRole('combobox', { name: 'View' }).selectOption('Exposures');
  await page.getByRole('combobox', { name: 'Group by' }).selectOption('sector');
  await page.getByRole('textbox', { name: 'Find' }).fill('value>100000');
  const status = page.getByText(/^\d+ positions? of \d+/);
  await expect(grid.getByRole('row', { expanded: true }).first()).toBeVisible();

  const shown = await gridTexts(page, 'Positions');
  const [head, ...body] = shown;
  const value = head!.findIndex((label) => label.startsWith('Value'));
  const number = (cells: string[]): number => Number(plain(cells[value]!));
  const groups = body.filter((cells) => cells[0]!.startsWith('▾'));
  const total = body.at(-1)!;
  expect(total[0]).toMatch(/^Total \(\d+\)$/);
  expect(groups.length).toBeGreaterThan(2);
  // Shown to the dollar, so sums of shown numbers differ by their rounding.
  expect(Math.abs(groups.reduce((sum, cells) => sum + number(cells), 0) - number(total))).toBeLessThanOrEqual(groups.length);
  for (const cells of body) if (!/^[▾T]/.test(cells[0]!)) expect(number(cells)).toBeGreaterThan(100_000);

  const [xlsx] = await app.save(1, () => page.getByRole('button', { name: 'Export XLSX' }).click());
  const [sheet] = await readXlsxFile(xlsx!);
  const cells = sheet!.data.map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
  expect(cells[0]).toEqual(head!.map((label) => label.replace(/ [▾▴]$/, '')));
  expect(cells.slice(1)).toEqual(
    body.map((row) =>
      row.map((text) => (/^−?[\d,]+(\.\d+)?$/.test(text) ? String(Number(plain(text))) : text === 'n/a' ? '' : text.replace(/^▾ /, ''))),
    ),
  );

  // Kept under a name, and found again after a reload.
  await page.getByRole('button', { name: 'Save view…' }).click();
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('big, by sector');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: 'View' })).toHaveValue('big, by sector');
  await page.getByRole('combobox', { name: 'View' }).selectOption('Holdings');
  await page.getByRole('combobox', { name: 'Group by' }).selectOption('');
  await page.getByRole('textbox', { name: 'Find' }).fill('');
  await page.reload();
  await expect(grid.getByRole('columnheader', { name: 'Account' })).toBeVisible();
  await page.getByRole('combobox', { name: 'View' }).selectOption('big, by sector');
  await expect(status).toHaveText(new RegExp(`^${/\d+/.exec(total[0]!)![0]} position`));
  await expect(grid.getByRole('row', { expanded: true })).toHaveCount(groups.length);

  // A group closes and opens; letters find a row; the ends are a key away, also of columns that are out of view.
  await page.getByRole('textbox', { name: 'Find' }).fill('');
  await page.getByRole('combobox', { name: 'Group by' }).selectOption('');
  await page.getByRole('combobox', { name: 'View' }).selectOption('Every column');
  await expect.poll(async () => Number(await grid.getAttribute('aria-colcount'))).toBeGreaterThanOrEqual(60);
  expect(await grid.getByRole('columnheader').count()).toBeLessThan(40);
  const tickers = body.filter((row) => !/^[▾T]/.test(row[0]!)).map((row) => row[0]!);
  const wanted = tickers.at(-1)!;
  await grid.getByRole('gridcell').first().focus();
  await page.keyboard.type(wanted);
  await expect(page.locator(':focus')).toHaveText(wanted);
  await page.keyboard.press('Control+ArrowRight');
  await expect(page.locator(':focus')).toHaveAttribute('aria-colindex', (await grid.getAttribute('aria-colcount'))!);
  await expect(page.locator(':focus')).toBeInViewport();
  await page.keyboard.press('Control+End');
  await expect(page.locator('[role=row]:has(:focus)')).toHaveAttribute('aria-rowindex', (await grid.getAttribute('aria-rowcount'))!);
  await page.keyboard.press('Control+Home');
  await expect(page.locator('[role=row]:has(:focus)')).toHaveAttribute('aria-rowindex', '2');
  // Sideways the first column stays, and every number stays under its heading; no cell is made for it.
  const made = await grid.getByRole('gridcell').count();
  await grid.evaluate((box) => box.scrollTo(777, 0));
  await expect
    .poll(() =>
      grid.evaluate((box) => {
        const left = (element: Element | null | undefined): number => Math.round(element?.getBoundingClientRect().left ?? NaN);
        const row = box.querySelector('[aria-rowindex="3"]')!;
        const heads = [...box.querySelectorAll('[role=columnheader]')];
        const aside = heads.filter((head) => left(head) !== left(row.querySelector(`[aria-colindex="${head.ariaColIndex}"]`)));
        return { first: left(row.querySelector('[aria-colindex="1"]')) - left(box), aside: aside.length, second: heads[1]!.ariaColIndex };
      }),
    )
    .toEqual({ first: 1, aside: 0, second: expect.stringMatching(/^[4-9]$/) });
  expect(await grid.getByRole('gridcell').count()).toBe(made);
  // Scrolled away, the cell keeps the focus, and the next arrow comes back to it.
  await grid.evaluate((box) => box.scrollTo(2000, 4000));
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[role=row]:has(:focus)')).toHaveAttribute('aria-rowindex', '3');
  await expect(page.locator(':focus')).toBeInViewport();
});

/** Counts how often a canvas in the page is given a width from now on. */
function countCanvasSizes(): void {
  const state = window as { canvasSizes?: number };
  state.canvasSizes = 0;
  const { set, ...rest } = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, 'width')!;
  Object.defineProperty(HTMLCanvasElement.prototype, 'width', {
    ...rest,
    set(width: number) {
      if (this.isConnected) state.canvasSizes! += 1;
      set!.call(this, width);
    },
  });
}

test('security: through time, attribution, the regression with its identities, history; charts by keyboard, as table and as files', async ({
  app,
}) => {
  const { page } = app;
  await openSampleAndRun(page);
  await goTo(page, 'Book');
  const positions = page.getByRole('grid', { name: 'Positions', exact: true });
  await page.evaluate(countCanvasSizes);
  await positions.getByRole('row').filter({ hasText: /›.*›/ }).first().getByRole('gridcell').first().click();
  const ratios = page.getByRole('slider', { name: /^Hedge ratios through time/ });
  await expect(ratios).toBeVisible();
  await expect(page.locator('.uplot')).toHaveCount(5);
  // Each plot is drawn once, at the width that the layout has given it.
  await settled(page);
  expect(await page.evaluate(() => (window as { canvasSizes?: number }).canvasSizes)).toBe(5);
  for (const [plot, box] of await page
    .locator('.uplot')
    .evaluateAll((plots) => plots.map((one) => [one.clientWidth, one.parentElement!.clientWidth])))
    expect([box! - 1, box!]).toContain(plot);

  // The cursor: a day, a month, pinned against the pointer.
  await ratios.focus();
  const day = async (): Promise<string> => (await ratios.getAttribute('aria-valuetext'))!.slice(0, 10);
  const last = await day();
  await page.keyboard.press('ArrowLeft');
  expect((await day()) < last).toBe(true);
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Space');
  const pinned = await day();
  const plot = page.locator('.uplot .u-over').first();
  await plot.hover({ position: { x: 30, y: 30 } });
  expect(await day()).toBe(pinned);
  // What a script or another window changes makes the screen ask again: the answer is the same, and the day stays.
  const asked = page.waitForResponse((response) => response.url().endsWith('/security.open'));
  await callAsAnother(page, 'runs.pin', { runId: 'R1' });
  await asked;
  await settled(page);
  expect(await day()).toBe(pinned);
  await expect(page.getByText(/pinned \(Space\)/)).toBeVisible();
  // So it does when another window has numbers written in another way, and what is half typed stays too.
  const search = page.getByRole('combobox', { name: /^Find a security/ });
  await search.fill('half typed');
  for (const [value, sign] of [
    ['point-comma', ','],
    ['comma-point', '\\.'],
  ]) {
    await callAsAnother(page, 'preferences.set', { key: 'format.numbers', value });
    await expect(ratios).toHaveAttribute('aria-valuetext', new RegExp(`\\d${sign}\\d{3} ± \\d${sign}`));
    expect(await day()).toBe(pinned);
    await expect(search).toHaveValue('half typed');
  }
  await search.fill('');
  await ratios.focus();
  await page.keyboard.press('Space');
  await plot.hover({ position: { x: 60, y: 30 } });
  await expect.poll(day).not.toBe(pinned);
  // The table behind T has the number of the read-out, and T puts the picture back.
  await page.keyboard.press('End');
  const said = (await ratios.getAttribute('aria-valuetext'))!;
  await page.keyboard.press('t');
  const table = page.getByRole('grid', { name: 'Hedge ratios through time' });
  await expect(table).toBeVisible();
  const first = await table.getByRole('row').nth(1).getByRole('gridcell').allTextContents();
  expect(said).toContain(first[0]!.trim());
  expect(said).toContain(first[1]!.trim().slice(0, 5));
  await expect(table.getByRole('gridcell').first()).toBeFocused();
  await page.keyboard.press('t');
  await expect(ratios).toBeFocused();

  const chart = page.getByRole('region', { name: 'Hedge ratios through time' });
  const [png] = await app.save(1, () => chart.getByRole('button', { name: 'PNG' }).click());
  expect(readFileSync(png!).subarray(1, 4).toString()).toBe('PNG');
  expect(readFileSync(png!).length).toBeGreaterThan(10_000);

  await page.getByRole('tab', { name: 'Attribution' }).click();
  await page.getByRole('button', { name: '3 months' }).click();
  await settled(page);
  const bridge = page.getByRole('region', { name: 'Bridge' });
  const residual = await bridge
    .getByRole('row')
    .filter({ hasText: /^geometric/ })
    .getByRole('cell')
    .nth(4)
    .textContent();
  const line = page.getByRole('slider', { name: /^Cumulative residual/ });
  // The line ends where the residual bar does.
  await expect(line).toHaveAttribute(
    'aria-valuetext',
    new RegExp(`residual so far ${Number(plain(residual!)).toFixed(2).replace('-', '−')}\\s%`),
  );

  await page.getByRole('tab', { name: 'Show the regression' }).click();
  await expect(page.getByText(/all \d+ hold$/)).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Rows of the window' })).toHaveAttribute('aria-rowcount', '253');
  const scatter = page.getByRole('slider', { name: /^Regression of/ });
  await scatter.focus();
  const before = await scatter.getAttribute('aria-valuetext');
  await page.keyboard.press('ArrowLeft');
  await expect(scatter).not.toHaveAttribute('aria-valuetext', before!);
  // The day under the cursor is one also in the regression of another level.
  const lookedAt = (await scatter.getAttribute('aria-valuetext'))!.slice(0, 10);
  await page.getByRole('combobox', { name: 'Level', exact: true }).selectOption('1');
  await expect(page.getByRole('slider', { name: /level 1: / })).toHaveAttribute('aria-valuetext', new RegExp(`^${lookedAt}`));
  await page.getByRole('combobox', { name: 'Level', exact: true }).selectOption('3');
  await settled(page);
  await expectAccessible(page);
  // The address names the tab: a reload and the way from a formula come back to it.
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Show the regression' })).toHaveAttribute('aria-selected', 'true');
  await goTo(page, 'Methodology');
  await page
    .getByRole('link', { name: /^Show the regression/ })
    .first()
    .click();
  await expect(page.getByText(/all \d+ hold$/)).toBeVisible();

  await page.getByRole('tab', { name: /^Classification/ }).click();
  for (const name of [/^Chains of/, /^Classifications of/, /^Symbols of/, /^Corporate actions of/])
    await expect(page.getByRole('grid', { name })).toBeVisible();
  await expect(page.getByRole('grid', { name: /^Symbols of/ })).toContainText('isin');
  await expectAccessible(page);
});
