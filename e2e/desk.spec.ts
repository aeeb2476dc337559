import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionsFrom } from '../main/cli/testing/market.ts';
import { expect, goTo, gridRows, openSampleAndRun, settled, test } from './fixtures.ts';

test('palette and shortcuts: every screen, a ticker and the theme by keyboard; back and forward', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  const field = palette.getByRole('combobox', { name: 'Command or ticker' });
  const level1 = (name: string) => page.getByRole('heading', { name, level: 1 });

  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await field.fill('meth');
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
  await expect(level1('Methodology')).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await expect(level1('Book')).toBeVisible();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(level1('Methodology')).toBeVisible();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(level1('Book')).toBeVisible();
  // Also from a field, where keys without Alt or Ctrl are its own.
  await page.getByRole('combobox', { name: 'Role' }).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(level1('Methodology')).toBeVisible();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(level1('Book')).toBeVisible();

  // A ticker from the book, found by typing it; the exact ticker is first.
  await settled(page);
  const position = page.getByRole('grid', { name: 'Positions', exact: true }).getByRole('gridcell').first();
  const ticker = (await position.textContent())!.trim();

  // A pressed button asks for the security before the click that opens it.
  await position.hover();
  const asked = page.waitForRequest((request) => request.url().endsWith('/security.open'));
  await page.mouse.down();
  await asked;
  await level1('Book').hover();
  await page.mouse.up();
  await expect(level1('Book')).toBeVisible();

  // Enter counts for what was typed, also before it is found: not for the list of the letters before.
  await page.keyboard.press('/');
  await field.fill(ticker);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: new RegExp(`^${ticker}\\b`) })).toBeVisible();
  const find = page.getByRole('combobox', { name: 'Find a security by ticker or name' });
  await find.fill(ticker.slice(0, 2));
  const last = page.getByRole('listbox', { name: 'Securities found' }).getByRole('option').nth(5).locator('strong');
  const other = (await last.textContent())!;
  await find.fill(other);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: new RegExp(`^${other}\\b`) })).toBeVisible();

  // An ETF of the map is found after the stocks, and explained.
  await level1('Security').click();
  await page.keyboard.press('/');
  await field.fill('SPY');
  await expect(palette.getByRole('option').first()).toContainText('ETF of the map');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'SPY is an ETF of the map' })).toBeVisible();

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Ctrl+K');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await field.fill('theme dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(level1('Start')).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  // Keys in a field are text.
  await page.getByRole('textbox', { name: 'Workspace name' }).focus();
  await page.keyboard.type('g?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('heatmap: columns add up to the net exposure of the core, every cell has its number', async ({ app }) => {
  const { page } = app;
  await page.setViewportSize({ width: 1800, height: 1400 });
  await openSampleAndRun(page);
  await goTo(page, 'Exposures');
  const heat = page.getByRole('grid', { name: 'Exposure of holdings to ETFs' });
  await page.getByRole('combobox', { name: 'ETFs' }).selectOption('market');
  await expect(heat.getByRole('columnheader')).toHaveCount(3);
  const number = (text: string): number => Number(text.replace('−', '-').replaceAll(',', '').replace('–', '0'));
  const seen = (await gridRows(heat)).filter((cells) => cells.length === 3).map((cells) => number(cells[2]!.trim()));
  const net = page.getByRole('grid', { name: 'Net exposure per ETF' });
  await net.evaluate((grid) => void (grid.scrollTop = grid.scrollHeight));
  const spyRow = net.getByRole('row').filter({ hasText: 'SPY' });
  await expect(spyRow).toBeVisible();
  const spy = await spyRow.getByRole('gridcell').allTextContents();
  const sum = seen.reduce((total, cell) => total + cell, 0);
  expect(Math.abs(sum - number(spy[3]!.trim()))).toBeLessThanOrEqual(seen.length);
  expect(seen.length).toBeGreaterThan(20);
  const all = page.getByRole('grid', { name: 'Long and short' }).getByRole('row').filter({ hasText: 'All' });
  await expect(all).toContainText('100.0');

  // What leaves is what is shown.
  const chart = page.getByRole('region', { name: 'Holdings × ETFs' });
  const [csv] = await app.save(1, () => chart.getByRole('button', { name: 'CSV' }).click());
  const written = readFileSync(csv!, 'utf8').trim().split('\r\n').slice(1);
  expect(written.map((line) => number(line.split(',')[2]!))).toEqual(seen);
  const [png] = await app.save(1, () => chart.getByRole('button', { name: 'PNG' }).click());
  expect(readFileSync(png!).subarray(1, 4).toString()).toBe('PNG');
  await chart.getByRole('button', { name: 'Copy' }).click();
  await expect(chart.getByText('copied')).toBeVisible();

  // By keyboard: a cell opens its security.
  await heat.evaluate((grid) => void (grid.scrollTop = 0));
  await heat.getByRole('gridcell').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Security', level: 1 })).toBeVisible();
});

test('findings: dismiss with a reason, undo, dismiss again, restore', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await goTo(page, 'Data health');
  // The doctor looks by itself after the import.
  await expect(page.getByText(/^Looked at \d+ securities/)).toBeVisible();
  const grid = page.getByRole('grid', { name: 'Findings' });
  const open = page.getByRole('combobox', { name: 'State' }).locator('option').first();
  await settled(page);
  const before = (await open.textContent())!;
  // One word for a severity, in the list and in what narrows it.
  await expect(grid.getByRole('gridcell').first()).toHaveText('i info');
  await expect(page.getByRole('button', { name: /^info \d+$/ })).toBeVisible();
  await grid.getByRole('gridcell').first().click();
  const panel = page.getByRole('region', { name: 'Chosen finding' });
  await expect(panel.getByRole('button', { name: 'Dismiss' })).toBeDisabled();
  await panel.getByRole('textbox', { name: 'Reason' }).fill('half day, checked');
  await panel.getByRole('button', { name: 'Dismiss' }).click();
  await expect(panel.getByRole('status')).toContainText('Dismissed');
  await expect(open).not.toHaveText(before);
  await panel.getByRole('button', { name: 'Undo' }).click();
  await expect(open).toHaveText(before);
  await expect(panel.getByRole('textbox', { name: 'Reason' })).toHaveValue('half day, checked');
  // The button that went away with what it did hands the focus on.
  await expect(panel.locator(':focus')).toHaveCount(1);

  await panel.getByRole('button', { name: 'Dismiss' }).click();
  await expect(open).not.toHaveText(before);
  // Any edit is taken back and made again by key, this one too.
  await page.getByRole('heading', { name: 'Data health', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(page.getByText(/^Undone: dismissal of/)).toBeVisible();
  await expect(open).toHaveText(before);
  await page.keyboard.press('Control+Shift+z');
  await expect(open).not.toHaveText(before);
  // From another screen, too.
  await goTo(page, 'Book');
  await page.keyboard.press('Control+z');
  await expect(page.getByText(/^Undone: dismissal of/)).toBeVisible();
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByText(/^Made again: dismissal of/)).toBeVisible();
  await goTo(page, 'Data health');
  await page.getByRole('combobox', { name: 'State' }).selectOption('dismissed');
  await expect(grid.getByText('half day, checked')).toBeVisible();
  await page.reload();
  await page.getByRole('combobox', { name: 'State' }).selectOption('dismissed');
  await grid.getByRole('gridcell').first().click();
  await panel.getByRole('button', { name: 'Restore this finding' }).click();
  await expect(open).toHaveText(before);

  // Counts of a choice are what the choice shows.
  await page.getByRole('combobox', { name: 'State' }).selectOption('open');
  const kind = page.getByRole('combobox', { name: 'Kind' });
  const [label, count] = /^.*\((\d+)\)$/.exec((await kind.locator('option').nth(1).textContent())!.trim())!;
  await kind.selectOption({ label });
  await expect(page.getByText(new RegExp(`^${count} findings? of`))).toBeVisible();

  // A split nobody listed: repaired, taken back and repaired again by key, each a batch of its own.
  const path = join(app.home, 'closes.csv');
  const closes = sessionsFrom('2025-01-02', 300).map(
    (day, t) => `${day},PLANTED,${((100 + 3 * Math.sin(t)) / (t < 250 ? 1 : 10)).toFixed(4)}`,
  );
  writeFileSync(path, ['date,ticker,close', ...closes, ''].join('\n'));
  await goTo(page, 'Import');
  await app.choose([path], () => page.getByRole('button', { name: 'Choose files…' }).click());
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  await goTo(page, 'Data health');
  const planted = grid.getByRole('gridcell', { name: 'PLANTED', exact: true });
  await page.getByRole('textbox', { name: 'Find' }).fill('10-for-1');
  await expect(planted).toBeVisible();
  await planted.click();
  // What is repaired is gone at once, before another look says so.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const lists = '**/api/findings.list';
  await page.route(lists, (route) => held.then(() => route.fallback()));
  await panel.getByRole('button', { name: 'Fix', exact: true }).click();
  await expect(panel.getByRole('status')).toContainText('Fixed: ');
  await expect(planted).toHaveCount(0);
  release();
  await expect(planted).toHaveCount(0);
  await page.getByRole('heading', { name: 'Data health', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(page.getByText(/^Undone: repair of/)).toBeVisible();
  await expect(planted).toBeVisible();
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByText(/^Made again: repair of/)).toBeVisible();
  await expect(planted).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(page.getByText(/^Undone: repair of/)).toBeVisible();
  await expect(planted).toBeVisible();
});

test('book: the CSV is what the screen shows; columns are remembered', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await goTo(page, 'Book');
  const grid = page.getByRole('grid', { name: 'Positions', exact: true });
  await page.getByRole('button', { name: /^Columns/ }).click();
  for (const label of ['Quantity', 'Variance by layer', 'Flags']) await page.getByRole('checkbox', { name: label, exact: true }).uncheck();
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(grid.getByRole('columnheader')).toHaveCount(13);
  await page.getByRole('textbox', { name: 'Find' }).fill('XLF');
  await expect(grid.getByRole('row').nth(1)).toBeVisible();
  const rows: string[][] = [];
  for (const row of await grid.getByRole('row').all()) {
    const cells = await row.locator('[role=gridcell], [role=columnheader]').allTextContents();
    rows.push(cells.map((cell) => cell.trim()));
  }
  const [path] = await app.save(1, () => page.getByRole('button', { name: 'Export CSV' }).click());
  await expect(page.getByText(/positions? written as book-R1-/)).toBeVisible();
  const [head, ...lines] = readFileSync(path!, 'utf8').trimEnd().split('\r\n');
  expect(head!.split(',')).toEqual(rows[0]!.map((label) => label.replace(/ [▾▴]$/, '')));
  expect(lines.map((line) => line.split(','))).toEqual(
    rows
      .slice(1)
      .map((cells) => cells.map((cell) => (/^−?[\d,]+(\.\d+)?$/.test(cell) ? cell.replace('−', '-').replaceAll(',', '') : cell))),
  );
});

test('known as of: an earlier day of knowledge is run, shown everywhere, compared and repeated', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await page.getByRole('textbox', { name: 'Known as of' }).fill('2026-03-31');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Run as known on 2026-03-31' }).click();
  // Of the same file there are no earlier holdings: what is shown is not what was held then.
  await expect(page.getByText('AS KNOWN THEN, HOLDINGS OF 2026-06-30')).toBeVisible({ timeout: 45_000 });
  await goTo(page, 'Exposures');
  await expect(page.getByText(/on 2026-03-31, gross/)).toBeVisible();

  await goTo(page, 'Runs');
  await page.getByRole('combobox', { name: 'with' }).selectOption('R1');
  const comparison = page.getByRole('region', { name: 'Comparison' });
  await expect(comparison.getByRole('row').filter({ hasText: 'known as of' })).toContainText('differs');
  await expect(comparison.getByRole('row').filter({ hasText: 'setting: window' })).toContainText('same');
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.getByText('Run again: the same fingerprint and digest')).toBeVisible({ timeout: 45_000 });

  // The run that knows everything is there already: it is offered, not computed again.
  const stored = page.getByRole('grid', { name: 'Stored runs' });
  const headings = await stored.getByRole('columnheader').allInnerTexts();
  const known = headings.findIndex((text) => text.startsWith('Known as of'));
  const today = (await stored.getByRole('row').nth(2).getByRole('gridcell').nth(known).textContent())!.trim();
  await page.getByRole('textbox', { name: 'Known as of' }).fill(today);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Show R1/ }).click();
  await expect(page.getByText('AS KNOWN THEN')).toHaveCount(0);
});
