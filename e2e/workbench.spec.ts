import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Locator } from 'playwright-core';
import { expect, expectAccessible, goTo, openSampleAndRun, settled, test } from './fixtures.ts';
import { ROOT } from './shells.ts';

const DATA = process.env.HEDGEROW_TEST_DATA ?? resolve(ROOT, '..', 'shared', 'data');

const number = (text: string | null): number => Number((text ?? '').trim().replace('−', '-').replaceAll(',', ''));
const cells = (row: Locator): Promise<string[]> => row.getByRole('gridcell').allTextContents();

test('a working day: as of, runs compared, pinned, deleted and undone, settings tried, today after an export', async ({ app }) => {
  const { page, home } = app;
  await openSampleAndRun(page);
  const header = page.getByRole('banner');
  const stored = page.getByRole('grid', { name: 'Stored runs' });

  // As of: an earlier day is what the book, the exposures and the security show, until the latest is asked for again.
  const asOf = page.getByRole('textbox', { name: 'As of', exact: true });
  await asOf.fill('2026-03-31');
  await asOf.press('Enter');
  await goTo(page, 'Book');
  const positions = page.getByRole('grid', { name: 'Positions', exact: true });
  await expect(positions.getByRole('row').nth(2)).toBeVisible();
  await goTo(page, 'Exposures');
  await expect(page.getByText(/on 2026-03-31, gross/)).toBeVisible();
  await goTo(page, 'Hedge');
  await expect(page.getByRole('grid', { name: 'Hedge ticket per ETF' }).getByRole('row').nth(2)).toBeVisible();
  await header.getByRole('button', { name: 'Latest' }).click();
  await goTo(page, 'Exposures');
  await expect(page.getByText(/on 2026-06-30, gross/)).toBeVisible();

  // Provenance on a click, closed by Escape.
  await header.getByRole('button', { name: 'Provenance' }).click();
  const provenance = page.getByRole('region', { name: 'Provenance' });
  await expect(provenance).toContainText('Identities hold on all');
  await expect(provenance).toContainText('ols-252');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(provenance).toHaveCount(0);

  // A cancelled run leaves no run behind. A run on the sample may be over before the click: then another is made.
  await goTo(page, 'Runs');
  const window = page.getByRole('spinbutton', { name: /^Window/ });
  let cancelled = false;
  for (const days of ['253', '254', '255', '256', '257', '258']) {
    await window.fill(days);
    await page.getByRole('button', { name: 'Run the cascade' }).click();
    const cancel = page.getByRole('button', { name: 'Cancel' });
    const done = stored.getByRole('gridcell', { name: days, exact: true });
    await expect(cancel.or(done).first()).toBeVisible();
    if (await cancel.isVisible()) {
      const from = Date.now();
      cancelled = await cancel.click({ timeout: 1000 }).then(
        () => true,
        () => false,
      );
      cancelled &&= await page
        .getByRole('alert')
        .filter({ hasText: 'Cancelled' })
        .waitFor({ timeout: 5000 })
        .then(
          () => true,
          () => false,
        );
      if (cancelled) {
        test.info().annotations.push({ type: 'cancel of a run', description: `${Date.now() - from} ms from click to word` });
        await expect(done).toHaveCount(0);
        break;
      }
    }
  }
  expect(cancelled, 'one of six runs was cancelled').toBe(true);

  // Another window, compared on the book: largest changes by position, and the ETFs.
  await window.fill('126');
  await page.getByRole('spinbutton', { name: 'Fewest rows' }).fill('63');
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  const second = stored.getByRole('row').filter({ has: page.getByRole('gridcell', { name: '63', exact: true }) });
  await expect(second).toBeVisible({ timeout: 45_000 });
  const name = (await cells(second))[0]!.trim();
  await second.getByRole('gridcell').first().click();
  await page.getByRole('combobox', { name: 'with' }).selectOption('R1');
  const moves = page.getByRole('grid', { name: 'Changes by position' });
  await expect(moves.getByRole('row').nth(2)).toBeVisible();
  const moved = (await Promise.all([1, 2, 3].map((i) => cells(moves.getByRole('row').nth(i))))).map((row) => number(row[3]!));
  expect(moved[0]).toBeGreaterThan(0);
  expect([...moved].sort((a, b) => b - a)).toEqual(moved);
  await expect(page.getByRole('grid', { name: 'Changes by ETF' }).getByRole('row').nth(1)).toBeVisible();

  // Pinned: the default of every screen; undone by key, made again by key; deleted and brought back.
  const runOf = header.getByRole('combobox', { name: 'Run', exact: true });
  await stored.getByRole('gridcell', { name: 'R1', exact: true }).click();
  await page.getByRole('button', { name: 'Pin as default' }).click();
  await expect(runOf.locator('option').first()).toHaveText('pinned (R1)');
  await page.getByRole('heading', { name: 'Runs', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(page.getByText('Undone: pinning of R1')).toBeVisible();
  await expect(runOf.locator('option').first()).toHaveText(`latest (${name})`);
  await page.keyboard.press('Control+Shift+z');
  await expect(runOf.locator('option').first()).toHaveText('pinned (R1)');
  await page.getByRole('button', { name: 'Unpin' }).click();
  await expect(runOf.locator('option').first()).toHaveText(`latest (${name})`);
  await second.getByRole('gridcell').first().click();
  await page.getByRole('region', { name, exact: true }).getByRole('button', { name: 'Delete' }).click();
  await expect(second).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(second).toBeVisible();

  // Settings: the effect on a stock before anything is run; a preset kept, chosen in the bar, and deleted.
  await goTo(page, 'Settings');
  const effect = page.getByRole('region', { name: /^Effect on/ });
  await expect(effect.getByRole('row').nth(2)).toBeVisible();
  await page.getByRole('spinbutton', { name: 'Window, trading days' }).fill('504');
  await expect(effect.getByRole('row').filter({ hasText: 'Hedge ratio' }).first().getByRole('cell').last()).not.toHaveText(/^[+−]?0\.000$/);
  await page.getByRole('textbox', { name: 'Keep these settings as' }).fill('two years, mine');
  await page.getByRole('button', { name: 'Save preset' }).click();
  await expect(page.getByRole('button', { name: /^two years, mine/ })).toBeVisible();
  const settings = header.getByRole('combobox', { name: 'Settings' });
  await settings.selectOption('two years, mine');
  await page.getByRole('button', { name: 'Run with two years, mine' }).click();
  await expect(settings).toHaveValue('two years, mine', { timeout: 45_000 });
  await runOf.selectOption(name);

  // The ETF map: an edit that cannot be is said and not committed; a good one is a batch that can be undone.
  await page.getByRole('link', { name: 'ETF map', exact: true }).click();
  const map = page.getByRole('grid', { name: 'ETF map' });
  await page.getByRole('textbox', { name: 'Find' }).fill('XLE');
  await map.getByRole('row').nth(1).getByRole('gridcell').first().click();
  const edit = page.getByRole('group', { name: 'Edit the chosen row' });
  const commitMap = page.getByRole('button', { name: 'Commit the map' });
  await edit.getByRole('textbox', { name: 'Valid to' }).fill('1990-01-01');
  await edit.getByRole('textbox', { name: 'Valid to' }).press('Enter');
  await expect(map).toContainText('Its validity ends before it begins.');
  await expect(commitMap).toBeDisabled();
  await edit.getByRole('textbox', { name: 'Valid to' }).fill('2026-01-01');
  await edit.getByRole('textbox', { name: 'Valid to' }).press('Enter');
  await commitMap.click();
  await expect(page.getByText(/^. ?Committed as batch \d+/)).toBeVisible();
  await expect(map).toContainText('2026-01-01');
  // A map that is being edited while the stored one changes says so: as a whole it would take the change back.
  await edit.getByRole('textbox', { name: 'Valid to' }).fill('2026-02-01');
  await edit.getByRole('textbox', { name: 'Valid to' }).press('Enter');
  // It is there again after another part was looked at, which says so meanwhile.
  await page.getByRole('link', { name: 'Limits', exact: true }).click();
  await page.getByRole('link', { name: 'ETF map (not committed)', exact: true }).click();
  await expect(map).toContainText('2026-02-01');
  const overtaken = page.getByText(/^. ?The stored map was changed since you began/);
  await expect(overtaken).toHaveCount(0);
  await page.getByRole('heading', { name: 'Settings', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(page.getByText(/^Undone: ETF map/)).toBeVisible();
  await expect(overtaken).toBeVisible();
  await expect(map).toContainText('2026-02-01');
  await page.getByRole('button', { name: /^Discard \d+ change/ }).click();
  await expect(overtaken).toHaveCount(0);
  await expect(map).not.toContainText(/2026-0[12]-01/);

  await page.getByRole('link', { name: 'Numbers and theme', exact: true }).click();
  await page.getByRole('combobox', { name: 'Numbers' }).selectOption('point-comma');
  await expect(page.getByText('−1.234.567,89')).toBeVisible();
  // A decimal comma is one also in a number field, which by itself would make 15 of it.
  await page.getByRole('link', { name: /^Estimator/ }).click();
  const halfLife = page.getByRole('spinbutton', { name: /^Half-life/ });
  await halfLife.fill('');
  await halfLife.pressSequentially('1,5');
  await expect(halfLife).toHaveValue('1.5');
  await page.getByRole('link', { name: 'Numbers and theme', exact: true }).click();
  await page.getByRole('combobox', { name: 'Numbers' }).selectOption('comma-point');
  await page.getByRole('link', { name: 'Backups', exact: true }).click();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText(/Backed up and verified/)).toBeVisible();

  // Today, after an exported hedge: a new holdings file in the inbox, one action, and what changed.
  await goTo(page, 'Hedge');
  const exporting = page.getByRole('button', { name: 'Export generic CSV' });
  // The sample has something to override; where it has not, there is no reason to give.
  const reason = page.getByRole('textbox', { name: /say why/ });
  await settled(page);
  if (await reason.isVisible()) await reason.fill('a test of the simulated market');
  await expect(exporting).toBeEnabled();
  await app.save(2, () => exporting.click());
  await goTo(page, 'Book');
  const whole = positions.getByRole('row').filter({ hasText: /›.*›/ }).first();
  await expect(whole).toBeVisible();
  const held = (await cells(whole))[0]!.trim();
  await goTo(page, 'Today');
  await expect(page.getByText(/since order set \d+/)).toBeVisible();
  await page.getByRole('button', { name: "Watch the workspace's inbox folder" }).click();
  await expect(page.getByText('nothing waits in it')).toBeVisible();
  const inbox = join(home, 'workspaces', 'Sample (simulated).hedgerow', 'inbox');
  writeFileSync(join(inbox, 'new-holdings.csv'), `account,ticker,quantity,as_of\nSIMULATED-1,${held},5,2026-06-30\n`);
  writeFileSync(join(inbox, 'nonsense.csv'), 'a,b\n1,2\n');
  writeFileSync(join(inbox, 'which-day.csv'), `account,ticker,quantity,as_of\nSECOND,${held},5,05/06/2026\n`);
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect(page.getByRole('list', { name: 'Waiting files' })).toContainText('new-holdings.csv');
  await page.getByRole('button', { name: 'Refresh now' }).click();
  const files = page.getByRole('list', { name: 'Refreshed files' });
  await expect(files.getByRole('listitem').filter({ hasText: 'new-holdings.csv' })).toContainText('imported', { timeout: 45_000 });
  await expect(files.getByRole('listitem').filter({ hasText: 'nonsense.csv' })).toContainText('not read');
  await expect(page.getByRole('grid', { name: 'Moves by position' }).getByRole('row').nth(1)).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Drift per ETF' }).getByRole('row').nth(1)).toBeVisible();
  await expect(page.getByText(/^. Then is R\d+, now is R\d+$/)).toBeVisible();
  await expectAccessible(page);
  // A page that is loaded anew says what came of the refresh, and how much of the book is covered on a screen without the book.
  await page.reload();
  await expect(files.getByRole('listitem').filter({ hasText: 'new-holdings.csv' })).toContainText('imported');
  await expect(header.getByTitle("Share of the book's gross value the model covers")).toHaveText(/^Coverage\s*\d/);
  await page.getByRole('button', { name: 'Settle 2 files on the import screen' }).click();
  await page.getByRole('button', { name: 'nonsense.csv' }).click();
  await expect(page.getByRole('alert')).toContainText('no kind of file has these columns');
  // What is settled there asks nothing any more.
  await page.getByRole('button', { name: 'which-day.csv' }).click();
  await page.getByRole('button', { name: 'day-month-year' }).click();
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  await expect(page.getByText(/Committed as batch/)).toBeVisible();
  await goTo(page, 'Today');
  await expect(files.getByRole('listitem').filter({ hasText: 'which-day.csv' })).toContainText('imported since');
  await expect(page.getByRole('button', { name: 'Settle 1 file on the import screen' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to the new ticket' }).click();
  await expect(page.getByRole('heading', { name: 'Hedge', level: 1 })).toBeVisible();
});

test('a folder of the person is watched: what waits in it, a refresh, the folder gone and back, and no more', async ({ app }) => {
  const { page, electron, home } = app;
  test.skip(!electron, 'electron: the browser shell has no dialog for a folder');
  await openSampleAndRun(page);
  await goTo(page, 'Today');
  const folder = join(home, 'from the broker');
  mkdirSync(folder);
  writeFileSync(join(folder, 'positions.csv'), 'account,ticker,quantity,as_of\nSIMULATED-1,QXAA,5,2026-06-30\n');
  await app.choose([folder], () => page.getByRole('button', { name: 'Watch a folder…' }).click());
  await expect(page.getByText('Watched folder: from the broker')).toBeVisible();
  await expect(page.getByText('1 file waits')).toBeVisible();
  await page.getByRole('button', { name: 'Refresh now' }).click();
  const files = page.getByRole('list', { name: 'Refreshed files' });
  const taken = files.getByRole('listitem').filter({ hasText: 'positions.csv' });
  await expect(taken).toContainText('imported, with 2 warnings', { timeout: 45_000 });
  // The whole account in one line: what an import would have warned of.
  await expect(taken.getByRole('listitem').first()).toContainText(/positions more, \d+ gone.*Check that the file is complete/);
  await expect(page.getByText('nothing waits in it')).toBeVisible();

  const again = page.getByRole('button', { name: 'Look again' });
  renameSync(folder, `${folder} (old)`);
  await again.click();
  await expect(page.getByText('It is not there now')).toBeVisible();
  renameSync(`${folder} (old)`, folder);
  await again.click();
  await expect(page.getByText('nothing waits in it')).toBeVisible();
  await page.getByRole('button', { name: 'Stop watching' }).click();
  await expect(page.getByText('No folder is watched.')).toBeVisible();
  await settled(page);
});

test('twelve real files: what each is, a planted restatement and its undo, a cancelled import, a reload while reading', async ({ app }) => {
  test.skip(!existsSync(join(DATA, 'classic_sp500_long.csv.gz')), 'real market data: HEDGEROW_TEST_DATA is not there');
  const { page, home } = app;
  await page.getByRole('textbox', { name: 'Workspace name' }).fill('Real data');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
  const READ = ['classification_stocks.csv.gz', 'sp500_constituents_current.csv', 'classic_sp500_long.csv.gz'];
  const ASK = ['modern_adj_close_etfs.csv.gz', 'modern_market_cap_monthly.csv.gz'];
  const NOT = [
    'classification_etfs.csv',
    'lean_factor_files.csv',
    'lean_daily_raw.csv.gz',
    'lean_map_files.csv',
    'modern_symbol_changes_derived.csv',
    'modern_splits_derived.csv',
  ];
  const REJECTED = 'sp500_gics_history.csv.gz';
  const list = page.getByRole('list', { name: 'Chosen files' });
  const entry = (name: string): Locator => list.getByRole('listitem').filter({ hasText: name });
  const choose = (paths: string[]): Promise<void> => app.choose(paths, () => page.getByRole('button', { name: 'Choose files…' }).click());
  await choose([...READ, ...ASK, ...NOT, REJECTED].map((name) => join(DATA, name)));
  await expect(list.getByRole('listitem')).toHaveCount(12);
  for (const name of READ) await expect(entry(name)).toContainText(/, [\d,]+ new/, { timeout: 60_000 });
  for (const name of ASK) await expect(entry(name)).toContainText('asks');
  for (const name of NOT) await expect(entry(name)).toContainText('not read');
  await expect(entry(REJECTED)).toContainText('asks');

  // What cannot be read says where and why; what asks is settled; rejected rows are seen by line and left out.
  await entry('lean_map_files.csv').getByRole('button').first().click();
  await expect(page.getByRole('alert')).toContainText('line 1');
  await entry('modern_adj_close_etfs.csv.gz').getByRole('button').first().click();
  await page.getByRole('group', { name: 'Answers: Values' }).getByRole('button', { name: 'adjusted closes' }).click();
  await expect(entry('modern_adj_close_etfs.csv.gz')).toContainText('prices, 818,971 new', { timeout: 60_000 });
  // A classification of no named scheme: most of its sectors are those of one, a few of none.
  await entry(REJECTED).getByRole('button').first().click();
  await expect(page.getByRole('alert')).toContainText('gics knows 11 of 13');
  await page.getByRole('group', { name: 'Answers: Scheme' }).getByRole('button', { name: 'gics' }).click();
  await expect(entry(REJECTED)).toContainText('rejected', { timeout: 60_000 });
  const issues = page.getByRole('grid', { name: `Issues of ${REJECTED}` });
  await page.getByRole('button', { name: /^Rejected [\d,]+$/ }).click();
  await expect(issues.getByRole('row').nth(1).getByRole('gridcell').nth(1)).toHaveText(/^\d+$/);
  await page.getByRole('checkbox', { name: /leave out [\d,]+ rejected/ }).check();
  await page.getByRole('button', { name: 'Commit 5 files' }).click();
  // Two classify what an earlier one of them has classified in the same words: nothing is restated.
  await expect(list.getByText('committed')).toHaveCount(5, { timeout: 120_000 });

  // A restated close, planted: refused until accepted, in the history with its lineage, and gone with an undo.
  const planted = join(home, 'planted.csv');
  writeFileSync(planted, 'date,ticker,close,adj_close\n2017-12-04,AAL,51.5,50.5\n');
  await page.getByRole('button', { name: 'Discard all' }).click();
  await choose([planted]);
  await expect(entry('planted.csv')).toContainText('restated');
  await entry('planted.csv').getByRole('button').first().click();
  await expect(page.getByRole('grid', { name: 'Issues of planted.csv' })).toContainText('49.93');
  const commit = page.getByRole('button', { name: 'Commit', exact: true });
  await expect(commit).toBeDisabled();
  await page.getByRole('checkbox', { name: /^Accept/ }).check();
  await commit.click();
  await expect(page.getByText(/Committed as batch \d+/)).toBeVisible();
  const history = page.getByRole('grid', { name: /^Import batches/ });
  const row = history.getByRole('row').filter({ hasText: 'planted.csv' });
  await row.getByRole('gridcell').first().click();
  await expect(page.getByRole('region', { name: /^Batch \d+$/ })).toContainText('In force since revision');
  const find = page.getByRole('region', { name: 'Import history' }).getByRole('textbox', { name: 'Find' });
  await find.fill('planted restated>0');
  await expect(page.getByText(/^1 of \d+ batches$/)).toBeVisible();
  await expect(history.getByRole('row')).toHaveCount(2);
  await find.fill('planted restated>1');
  await expect(history).toContainText('No batch is so.');
  await find.fill('');
  await page.getByRole('heading', { name: 'Import', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(page.getByText('Undone: import of planted.csv')).toBeVisible();
  await expect(row).toContainText('undone');
  await page.getByRole('button', { name: /^Close 1 finished file/ }).click();
  await choose([planted]);
  // The old value is in force again: the same file would restate it again.
  await expect(entry('planted.csv')).toContainText('restated');
  await entry('planted.csv').getByRole('button').first().click();
  await page.getByRole('button', { name: 'Discard', exact: true }).click();

  // A long import is cancelled and nothing of it is left; another one survives a reload of the page.
  const long = join(DATA, 'classic_etf_ohlcv_long.csv.gz');
  await choose([long]);
  // What goes on is found, and ended, from every screen; a list opened while another job runs would close with that.
  await expect(list.getByRole('progressbar')).toBeVisible();
  await page.getByText(/jobs? running$/).click();
  const cancel = page
    .getByRole('region', { name: 'Running jobs' })
    .locator('.job')
    .filter({ hasText: 'Reading a file' })
    .getByRole('button', { name: 'Cancel' });
  await expect(cancel).toBeVisible();
  const from = Date.now();
  await cancel.click();
  await expect(entry('classic_etf_ohlcv_long')).toContainText('cancelled');
  test.info().annotations.push({ type: 'cancel of an import', description: `${Date.now() - from} ms from click to word` });
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
  await choose([long]);
  // Being read, that is: a file still on its way to the program is lost with the page.
  await expect(list.getByRole('progressbar')).toBeVisible();
  // The page learns of the end of the reading last: the file is found as one being read and as one read, and is listed once.
  await page.addInitScript(() => {
    const { fetch } = window;
    let answered: () => void;
    const staged = new Promise<void>((done) => (answered = done));
    const reading = async (init?: RequestInit): Promise<boolean> =>
      (await (await fetch('/api/jobs.list', init)).text()).includes('"running"');
    window.fetch = async (...given) => {
      const asked = String(given[0]);
      if (asked.endsWith('jobs.get')) await staged;
      if (asked.endsWith('import.staged')) while (await reading(given[1])) await new Promise((soon) => setTimeout(soon, 50));
      const answer = fetch(...given);
      // The stream is open, or the program would take its window for closed; what it says comes late.
      if (asked.endsWith('events')) await Promise.all([answer, staged]);
      if (!asked.endsWith('import.staged')) return answer;
      setTimeout(() => answered(), 500);
      return answer;
    };
  });
  await page.reload();
  await expect(list.getByText(/prices, [\d,]+ new/).first()).toBeVisible({ timeout: 60_000 });
  await expect(list.getByText('reading')).toHaveCount(0);
  await expect(list.getByRole('listitem')).toHaveCount(1);
});
