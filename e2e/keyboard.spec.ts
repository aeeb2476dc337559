import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, expectAccessible, goTo, openSampleAndRun, settled, test } from './fixtures.ts';

/** Presses Tab until the control has the focus, as a person without a mouse does. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  await expect(control).toBeVisible();
  for (let presses = 0; presses < 80; presses++) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${control} was not reached with Tab`);
}

async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Command or ticker' })).toBeFocused();
  await page.keyboard.type(words);
  await expect(page.getByRole('dialog').getByRole('option', { selected: true })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test('by keyboard alone: import holdings, look, hedge, export', async ({ app }) => {
  const { page, home } = app;
  // Reloaded sooner, the page would have given its launch code away and not yet have the session for it.
  await expect(page.getByRole('heading', { name: 'Start', level: 1 })).toBeVisible();
  // Nothing in this test may use the pointer.
  await page.addInitScript(() => addEventListener('pointerdown', () => console.error('the pointer was used'), true));
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Start', level: 1 })).toBeVisible();
  await command(page, 'open the sample');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible({ timeout: 45_000 });
  await command(page, 'run the cascade');
  await expect(page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R1', exact: true })).toBeVisible({
    timeout: 45_000,
  });

  // Two names of the sample's own book, held in another size.
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  const positions = page.getByRole('grid', { name: 'Positions', exact: true });
  const stocks = positions.getByRole('row').filter({ hasText: /›.*›/ });
  const names = [0, 1].map(async (i) => (await stocks.nth(i).getByRole('gridcell').first().textContent())!.trim());
  const [first, second] = await Promise.all(names);
  const file = join(home, 'my-holdings.csv');
  writeFileSync(file, `ticker,quantity,as_of\n${first},1234,2026-06-30\n${second},-567,2026-06-30\n`);

  await app.choose([file], () => page.keyboard.press('Control+i'));
  await expect(page.getByRole('heading', { name: 'my-holdings.csv' })).toBeVisible();
  const commit = page.getByRole('button', { name: 'Commit', exact: true });
  await expect(commit).toBeEnabled();
  await tabTo(page, commit);
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();

  // A run stores the revision it was made on, so the new holdings want a run of their own; it is the one that is shown.
  await command(page, 'run the cascade');
  await expect(page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R2', exact: true })).toBeVisible({
    timeout: 45_000,
  });
  await expect(page.getByRole('heading', { name: 'R2', exact: true })).toBeVisible();
  await command(page, 'go to book');
  const snapshot = page.getByRole('combobox', { name: 'Snapshot' });
  await tabTo(page, snapshot);
  await page.keyboard.press('Home');
  const mine = snapshot.locator('option').filter({ hasText: 'my-holdings.csv' });
  const steps = await snapshot.evaluate(
    (select, value) => [...(select as HTMLSelectElement).options].findIndex((option) => option.text.includes(value)),
    'my-holdings',
  );
  await expect(mine).toHaveCount(1);
  for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowDown');
  // A header, two positions, the totals.
  await expect(positions.getByRole('row')).toHaveCount(4);
  await expect(positions).toContainText('1,234');
  await expect(positions).toContainText('−567');

  // Look: into a security and back.
  await tabTo(page, positions.getByRole('gridcell').first());
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Security', level: 1 })).toBeVisible();
  const slider = page.getByRole('slider', { name: /^Hedge ratios through time/ });
  await tabTo(page, slider);
  const day = await slider.getAttribute('aria-valuetext');
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(slider).not.toHaveAttribute('aria-valuetext', day!);
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(positions).toBeVisible();

  // Hedge half of the sector layer, and export.
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  const sector = page.getByRole('spinbutton', { name: 'sector layer, per cent, typed', exact: true });
  await tabTo(page, sector);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('50');
  const button = page.getByRole('button', { name: 'Export generic CSV' });
  await page.keyboard.press('Tab');
  await expect(page.getByRole('slider', { name: 'sector layer, per cent', exact: true })).toHaveValue('50');
  await settled(page);
  await expect(button).toBeEnabled();
  await tabTo(page, button);
  const previews: string[] = [];
  page.on('request', (sent) => void (sent.url().endsWith('/api/hedge.preview') && previews.push(sent.url())));
  const refreshed = page.waitForResponse((answer) => answer.url().endsWith('/api/snapshots.list'));
  const saved = await app.save(2, () => page.keyboard.press('Enter'));
  // What was written stays said: an export changes nothing, so the ticket is not computed anew once the lists are here again.
  await (await refreshed).finished();
  // The button was disabled meanwhile; the place at the keyboard is kept.
  await expect(button).toBeFocused();
  const again = page.getByRole('button', { name: 'Save again' });
  await tabTo(page, again);
  await app.save(2, () => page.keyboard.press('Enter'));
  await expect(page.getByText(/Written and read back: \d+ orders?/)).toBeVisible();
  expect(previews).toEqual([]);
  const orders = readFileSync(
    saved.find((path) => path.endsWith('.csv'))!,
    'utf8',
  );
  expect(orders.trim().split(/\r?\n/).length).toBeGreaterThan(1);

  // Looked at again, the same orders may be working: from the reason it is two steps to the button, and the second file is marked.
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await expect(positions).toBeVisible();
  // The moment after which the g before is forgotten passes between these two.
  await page.waitForTimeout(1400);
  await page.keyboard.press('g');
  await page.waitForTimeout(400);
  await page.keyboard.press('h');
  await expect(page.getByText(/exported today, trades the same ETF/).first()).toBeVisible();
  await settled(page);
  await tabTo(page, page.getByRole('textbox', { name: /^To export all the same/ }));
  await page.keyboard.type('the desk lost the first file');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(button).toBeFocused();
  await app.save(2, () => page.keyboard.press('Enter'));
  await expect(page.getByText(/RE-EXPORT of .*\.csv/)).toBeVisible();
});

test('the first Tab offers to skip the list of screens, in both themes', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  for (const theme of ['light', 'dark']) {
    await page.getByRole('combobox', { name: 'Theme' }).selectOption(theme);
    await page.reload();
    await settled(page);
    const skip = page.getByRole('button', { name: 'Skip to content' });
    await expect(skip).toHaveCSS('opacity', '0');
    await page.keyboard.press('Tab');
    await expect(skip).toBeFocused();
    await expect(skip).toHaveCSS('opacity', '1');
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
    await page.keyboard.press('Tab');
    expect(await page.getByRole('main').evaluate((main) => main.contains(document.activeElement) && main !== document.activeElement)).toBe(
      true,
    );
    await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  }
});

test('the focus follows the screen: keys scroll it, going back finds the row that was opened, and what closes gives it back', async ({
  app,
}) => {
  const { page } = app;
  await openSampleAndRun(page);
  const main = page.getByRole('main');
  const positions = page.getByRole('grid', { name: 'Positions', exact: true });
  await command(page, 'go to book');
  await tabTo(page, positions.getByRole('gridcell').first());
  for (let row = 0; row < 9; row++) await page.keyboard.press('ArrowDown');
  // A shortcut works in a grid as well: it opens no row, and its second letter looks for no name.
  await page.keyboard.press('Control+Enter');
  await expect(page).toHaveURL(/#\/runs\/R1$/);
  await settled(page);
  // Past the run that was shown when it was made.
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(positions).toBeVisible();
  await tabTo(page, positions.locator('[role=gridcell][tabindex="0"]'));
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page.getByRole('heading', { name: 'Start', level: 1 })).toBeVisible();
  await page.keyboard.press('Alt+ArrowLeft');
  await tabTo(page, positions.locator('[role=gridcell][tabindex="0"]'));
  for (let row = 0; row < 9; row++) await page.keyboard.press('ArrowDown');
  const name = await page.evaluate(() => document.activeElement!.textContent);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Security', level: 1 })).toBeVisible();
  await expect(main).toBeFocused();
  await settled(page);
  await page.keyboard.press('PageDown');
  await expect.poll(() => main.evaluate((content) => content.scrollTop)).toBeGreaterThan(0);
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(positions.getByRole('gridcell', { name: name!, exact: true })).toBeFocused();

  // Named and given up, a view returns to its button.
  const save = page.getByRole('button', { name: 'Save view…' });
  for (const end of ['Escape', 'Enter']) {
    await tabTo(page, save);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('textbox', { name: 'Name of the view' })).toBeFocused();
    await page.keyboard.type('Mine');
    await page.keyboard.press(end);
    await expect(save).toBeFocused();
  }

  // What Tab leaves does not stay open over the screen.
  const provenance = page.getByRole('button', { name: 'Provenance' });
  const panel = page.getByRole('region', { name: 'Provenance' });
  await tabTo(page, provenance);
  await page.keyboard.press('Enter');
  for (let link = 0; link < 3; link++) await page.keyboard.press('Tab');
  await expect(panel).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(panel).toHaveCount(0);
});

test('a control that did its last work passes the focus to what comes next; letters and arrows on the way choose nothing', async ({
  app,
}) => {
  const { page } = app;
  await openSampleAndRun(page);
  const press = async (control: Locator): Promise<void> => {
    await tabTo(page, control);
    await page.keyboard.press('Enter');
  };
  // The header asks for the coverage of the book on the run while that is there.
  await expect(page.getByTitle("Share of the book's gross value the model covers")).toHaveText(/^Coverage\s*\d/);
  // The last run deleted: another one is made.
  await press(page.getByRole('button', { name: 'Delete', exact: true }));
  await expect(page.getByRole('heading', { name: 'No run yet' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run the cascade' })).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('grid', { name: 'Stored runs' })).toBeVisible();

  // An ETF of a shock is added when it is asked for, and its move comes next.
  await command(page, 'go to scenarios');
  const etf = page.getByRole('combobox', { name: 'ETF', exact: true });
  await tabTo(page, etf);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.type('XLV');
  await expect(page.getByRole('spinbutton', { name: /^Move of/ })).toHaveCount(1);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('spinbutton', { name: 'Move of XLV, per cent' })).toBeFocused();

  await command(page, 'go to risk');
  const ticker = page.getByRole('textbox', { name: 'Ticker', exact: true });
  await tabTo(page, ticker);
  await page.keyboard.type('QXAA');
  await page.keyboard.press('Tab');
  await page.keyboard.type('100');
  await page.keyboard.press('Enter');
  await expect(ticker).toBeFocused();
  await press(page.getByRole('button', { name: 'Discard all' }));
  await expect(ticker).toBeFocused();

  // A set that went out does not go out by the same key again.
  await command(page, 'go to hedge');
  await press(page.getByRole('button', { name: 'Freeze' }));
  await expect(page.getByRole('button', { name: 'Order sets' })).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: 'Export set 1 as generic CSV' }));
  await app.save(2, () => page.keyboard.press('Enter'));
  await expect(page.getByRole('status').filter({ hasText: 'Written and read back' })).toBeFocused();

  await command(page, 'go to settings');
  await press(page.getByRole('link', { name: 'ETF map' }));
  await press(page.getByRole('button', { name: 'Add a row' }));
  await expect(page.getByRole('button', { name: 'Discard 1 change' })).toBeVisible();
  await press(page.getByRole('button', { name: 'Remove this row' }));
  await expect(page.getByRole('button', { name: /^Discard/ })).toHaveCount(0);
  await press(page.getByRole('link', { name: 'Backups' }));
  await press(page.getByRole('button', { name: 'Back up now' }));
  await expect(page.getByText(/^✓ Backed up and verified/)).toBeVisible();
  await press(
    page
      .getByRole('grid', { name: /^Backups/ })
      .getByRole('gridcell')
      .first(),
  );
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await press(page.getByRole('button', { name: /^Put back the one of/ }));
  await expect(page.getByRole('status').filter({ hasText: 'The workspace is as it was on' })).toBeFocused();

  await command(page, 'go to import');
  const batches = page.getByRole('grid', { name: /^Import batches/ });
  await press(batches.getByRole('gridcell').first());
  await page.keyboard.press('Shift+Tab');
  await press(page.getByRole('button', { name: /^Undo batch/ }));
  await expect(page.getByText(/^Nothing of it counts now; choose the file again/)).toBeVisible();
  await expect(batches.getByRole('gridcell').first()).toBeFocused();
});

test('at 200 % zoom the focused cell of a list and what opens behind a button stay within the window', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await page.setViewportSize({ width: 720, height: 450 });
  await goTo(page, 'Book');
  const grid = page.getByRole('grid', { name: 'Positions', exact: true });
  await grid.locator('[tabindex="0"]').focus();
  for (const key of ['PageDown', 'ArrowDown', 'End', 'Control+End', 'ArrowUp', 'Control+Home', 'PageDown']) {
    await page.keyboard.press(key);
    await expect(grid.locator(':focus'), key).toBeInViewport({ ratio: 0.9 });
  }
  const main = (await page.locator('main').boundingBox())!;
  for (const [button, panel] of [
    [page.getByRole('button', { name: /^Columns/ }), page.getByRole('group', { name: 'Columns shown' })],
    [page.getByRole('button', { name: 'Provenance' }), page.getByRole('region', { name: 'Provenance' })],
  ] as const) {
    await button.focus();
    await page.keyboard.press('Enter');
    const box = (await panel.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(main.x);
    expect(box.x + box.width).toBeLessThanOrEqual(720);
  }
  for (let link = 0; link < 3; link++) await page.keyboard.press('Tab');
  await expect(page.getByRole('region', { name: 'Provenance' }).locator(':focus')).toBeInViewport({ ratio: 0.9 });
});
