import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { Locator, Page } from 'playwright-core';
import { expect, expectAccessible, goTo, gridRows, openSampleAndRun, settled, test } from './fixtures.ts';

/** Number of a cell; a missing or empty one is NaN. */
const number = (text: string | undefined): number => {
  const plain = (text ?? '').trim().replace('−', '-').replace('+', '').replaceAll(',', '').replace(/[$%]/g, '');
  return plain === '' || plain === 'n/a' ? NaN : Number(plain);
};

const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const tableRows = async (table: Locator): Promise<string[][]> =>
  Promise.all((await table.locator('tbody tr').all()).map((row) => row.locator('td').allTextContents()));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

test('risk: every table sums to the volatility of the book; what-if, keep and undo; why it changed', async ({ app }) => {
  const { page } = app;
  await page.setViewportSize({ width: 1600, height: 1400 });
  await openSampleAndRun(page);
  await goTo(page, 'Risk');
  await expect(page.getByText('all 4 hold')).toBeVisible();
  const parts = await tableRows(panel(page, 'Variance').locator('table'));
  const total = number(parts.at(-1)![1]);
  expect(total).toBeGreaterThan(0);
  expect(Math.abs(sum(parts.slice(0, -1).map((cells) => number(cells[2]))) - 100)).toBeLessThan(0.3);
  const layers = await tableRows(panel(page, 'By layer').locator('table'));
  expect(Math.abs(sum(layers.slice(0, -1).map((cells) => number(cells[1]))) - total)).toBeLessThan(layers.length);
  for (const name of ['Contributions by position', 'Contributions by ETF']) {
    const rows = await gridRows(page.getByRole('grid', { name }));
    expect(rows.length).toBeGreaterThan(3);
    expect(Math.abs(sum(rows.map((cells) => number(cells[4]))) - total), name).toBeLessThan(rows.length);
  }
  await expect(panel(page, 'Weighted means of single stocks')).toContainText('not a risk');

  // The waterfall: from bar to bar by arrows, its numbers behind T, and as files.
  const waterfall = panel(page, 'Variance, layer by layer');
  const bars = waterfall.getByRole('slider');
  await bars.focus();
  await page.keyboard.press('Home');
  await expect(bars).toHaveAttribute('aria-valuetext', /^book: volatility/);
  await page.keyboard.press('ArrowRight');
  await expect(bars).toHaveAttribute('aria-valuetext', /^market/);
  const [csv] = await app.save(1, () => waterfall.getByRole('button', { name: 'CSV' }).click());
  expect(readFileSync(csv!, 'utf8')).toMatch(/\r\nmarket,/);
  // What leaves the program says itself that its market is not real.
  expect(csv).toMatch(/-simulated\.csv$/);
  const [png] = await app.save(1, () => waterfall.getByRole('button', { name: 'PNG' }).click());
  expect(readFileSync(png!).subarray(1, 4).toString()).toBe('PNG');
  expect(png).toMatch(/-simulated\.png$/);
  await bars.focus();
  await page.keyboard.press('t');
  await expect(waterfall.getByRole('grid').getByRole('gridcell', { name: 'market', exact: true })).toBeVisible();
  await waterfall.getByRole('button', { name: 'Copy' }).click();
  await expect(waterfall.getByText('copied')).toBeVisible();
  await waterfall.getByRole('button', { name: 'Table' }).click();

  // The book through time: another field, typed weights, a mistake in them.
  const time = panel(page, 'Book through time');
  await time.getByRole('combobox', { name: 'Field' }).selectOption('l3_res_er');
  await expect(time.locator('.uplot')).toHaveCount(1);
  await expect(time.getByText(/Sum of weight × l3_res_er over \d+ tickers/)).toBeVisible();
  const tickers = (await gridRows(page.getByRole('grid', { name: 'Contributions by position' }))).map((cells) => cells[0]!.trim());
  await time.getByRole('combobox', { name: 'Weights' }).selectOption('custom');
  await time.getByRole('textbox', { name: 'Ticker and weight' }).fill('nonsense');
  await time.getByRole('button', { name: 'Use' }).click();
  await expect(time.getByRole('alert')).toContainText('is not a ticker and a weight');
  await time.getByRole('textbox', { name: 'Ticker and weight' }).fill(`${tickers[0]} 0.4, ${tickers[1]} 0.6`);
  await time.getByRole('button', { name: 'Use' }).click();
  await expect(time.getByText(/over 2 tickers/)).toBeVisible();
  await time.getByRole('slider').focus();
  await page.keyboard.press('t');
  await expect(time.getByRole('grid')).toBeVisible();

  // What if: the difference is shown, discarded, and kept as a snapshot that import history takes back.
  const whatIf = panel(page, 'What if');
  const set = async (): Promise<void> => {
    await whatIf.getByRole('textbox', { name: 'Ticker' }).fill(tickers[0]!);
    await whatIf.getByRole('spinbutton', { name: 'Quantity' }).fill('0');
    await whatIf.getByRole('button', { name: 'Set quantity' }).click();
    await expect(whatIf.getByText(`${tickers[0]} → 0`)).toBeVisible();
  };
  await whatIf.getByRole('textbox', { name: 'Ticker' }).fill('NOPE');
  await whatIf.getByRole('spinbutton', { name: 'Quantity' }).fill('100');
  await whatIf.getByRole('button', { name: 'Set quantity' }).click();
  await expect(whatIf.getByText('NOPE is not modelled')).toBeVisible();
  await whatIf.getByRole('button', { name: 'Take back NOPE' }).click();
  await set();
  const totals = await (async () => {
    await expect(whatIf.locator('table').first().locator('tbody tr').first()).toBeVisible();
    return tableRows(whatIf.locator('table').first());
  })();
  for (const cells of totals) {
    const [, reference, optimised, difference] = cells.map(number);
    if (Number.isFinite(difference)) expect(Math.abs(optimised! - reference! - difference!)).toBeLessThanOrEqual(1.001);
  }
  expect(totals.some((cells) => Math.abs(number(cells[3])) > 1)).toBe(true);
  // What is compared follows what is looked at.
  const picked = page.getByRole('combobox', { name: 'Level', exact: true });
  await picked.selectOption('1');
  await expect.poll(async () => tableRows(whatIf.locator('table').first())).not.toEqual(totals);
  await picked.selectOption('3');
  await expect.poll(async () => tableRows(whatIf.locator('table').first())).toEqual(totals);
  await whatIf.getByRole('button', { name: 'Discard all' }).click();
  await expect(whatIf.locator('table')).toHaveCount(0);
  await set();
  await expect(whatIf.getByRole('button', { name: 'Keep as a snapshot' })).toBeDisabled();
  await whatIf.getByRole('textbox', { name: 'Why' }).fill('trim the largest');
  await whatIf.getByRole('button', { name: 'Keep as a snapshot' }).click();
  await expect(whatIf.getByText(/Kept as batch \d+/)).toBeVisible();
  // The kept book is the latest: its volatility is the other one.
  const now = async (): Promise<number> => number((await tableRows(panel(page, 'Variance').locator('table'))).at(-1)![1]);
  await expect.poll(now).not.toBe(total);
  // It is the edit that is taken back first, on whatever screen.
  await page.getByRole('heading', { name: 'Risk', level: 1 }).click();
  await page.keyboard.press('Control+z');
  await expect(page.getByText('Undone: what-if kept: trim the largest')).toBeVisible();
  await expect(whatIf.getByText(/Kept as batch/)).toBeHidden();
  await expect.poll(now).toBe(total);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(now).not.toBe(total);

  const change = panel(page, 'Change of risk');
  const earlier = /to (\d{4}-\d\d-\d\d)/.exec((await page.locator('dl.facts').first().textContent())!)![1]!;
  const since = new Date(Date.parse(earlier) - 60 * 86_400_000).toISOString().slice(0, 10);
  await change.getByRole('textbox', { name: 'Since' }).fill(since);
  await page.keyboard.press('Enter');
  await expect(change.locator('tbody tr').first()).toBeVisible();
  const steps = (await tableRows(change.locator('table'))).map((cells) => number(cells[1]));
  expect(Math.abs(sum(steps.slice(0, -1)) - steps.at(-1)!)).toBeLessThanOrEqual(steps.length);
});

test('attribution: bars sum to the return, of the book and of a stock; correlation with an ETF', async ({ app }) => {
  const { page } = app;
  await page.setViewportSize({ width: 1600, height: 1400 });
  await openSampleAndRun(page);
  await goTo(page, 'Attribution');
  const bridge = panel(page, 'Bridge');
  await expect(bridge).toBeVisible();
  const skip = page.getByRole('checkbox', { name: 'Skip days with a missing part' });
  await skip.check();
  await expect(bridge.locator('svg rect')).toHaveCount(5);
  const check = async (): Promise<void> => {
    for (const cells of await tableRows(bridge.locator('table'))) {
      const [, market, sector, subsector, residual, total] = cells.map(number);
      expect(Math.abs(market! + sector! + subsector! + residual! - total!), cells[0]).toBeLessThan(0.0025);
    }
  };
  await check();
  for (const name of ['By sector', 'By position']) {
    const rows = await gridRows(page.getByRole('grid', { name, exact: true }));
    const arithmetic = (await tableRows(bridge.locator('table')))[2]!;
    expect(Math.abs(sum(rows.map((cells) => number(cells[5]))) - number(arithmetic[5])), name).toBeLessThan(0.005 * rows.length + 0.001);
  }
  // The only snapshot is of the last day, so no day has weights of a snapshot before it.
  await page.getByRole('combobox', { name: 'Weights' }).selectOption('dated');
  await expect(page.getByText('Weights of each snapshot count from the day after it')).toBeVisible();
  await page.getByRole('combobox', { name: 'Weights' }).selectOption('frozen');
  await expect(bridge.locator('svg rect')).toHaveCount(5);

  const ofBook = await gridRows(page.getByRole('grid', { name: 'By position', exact: true }));
  const ticker = ofBook.find((cells) => number(cells[3]) !== 0 && number(cells[4]) !== 0)![0]!.trim();
  await page.getByRole('textbox', { name: 'Of', exact: true }).fill(ticker);
  await page.getByRole('button', { name: 'Show' }).first().click();
  await expect(page.locator('dl.facts')).toContainText(ticker);
  await check();
  const cumulative = panel(page, 'Cumulative residual');
  await cumulative.getByRole('slider').focus();
  const before = await cumulative.getByRole('slider').getAttribute('aria-valuetext');
  await page.keyboard.press('Home');
  await expect(cumulative.getByRole('slider')).not.toHaveAttribute('aria-valuetext', before!);
  const correlation = panel(page, `Correlation of ${ticker}`);
  await correlation.getByRole('textbox').fill('SPY, XLF');
  await correlation.getByRole('button', { name: 'Show' }).click();
  await expect(correlation.getByRole('columnheader', { name: 'Pearson' })).toBeVisible();

  // What the layers would have saved: the whole period is the last block of the table, and chosen per cents move their own line alone.
  await goTo(page, 'Effectiveness');
  const years = page.getByRole('grid', { name: 'Variance saved per year' });
  const whole = async (): Promise<string[][]> => (await gridRows(years)).filter(([year]) => year?.trim() === 'all years');
  const lines = await whole();
  expect(lines.map((cells) => cells[1]!.trim())).toEqual(['L1 market', 'L2 market, sector', 'L3 all layers', 'chosen']);
  for (const cells of lines) {
    const [days, plain, left, saved, low, high] = cells.slice(2).map(number) as [number, number, number, number, number, number];
    expect(days).toBeGreaterThan(200);
    expect(Math.abs(saved - 100 * (1 - (left / plain) ** 2)), cells[1]).toBeLessThan(0.3);
    expect(low <= saved && saved <= high).toBe(true);
  }
  for (const layer of ['market', 'sector', 'subsector']) {
    await page.getByRole('spinbutton', { name: `${layer} layer, per cent`, exact: true }).fill('100');
    await page.keyboard.press('Enter');
  }
  await expect.poll(async () => (await whole())[3]!.slice(2)).toEqual(lines[2]!.slice(2));
  const variance = panel(page, 'Cumulative variance').getByRole('slider');
  await variance.focus();
  await page.keyboard.press('End');
  await expect(variance).toHaveAttribute('aria-valuetext', /unhedged 100\.0\s%/);

  // Scenarios: the table adds up to the shock, and more of it is more.
  await goTo(page, 'Scenarios');
  const shock = page.getByRole('grid', { name: 'Shock per ETF' });
  const profits = async (column: number): Promise<number> =>
    sum((await gridRows(shock)).filter(([etf]) => !etf!.startsWith('Total')).map((cells) => number(cells[column])));
  const bars = panel(page, 'Profit before and after the hedge');
  const said = async (): Promise<number[]> => {
    await bars.getByRole('slider').focus();
    await page.keyboard.press('Home');
    return /before (\S+) .*after (\S+)$/
      .exec((await bars.getByRole('slider').getAttribute('aria-valuetext'))!)!
      .slice(1)
      .map(number);
  };
  const [unhedged, hedged] = (await said()) as [number, number];
  expect(Math.abs((await profits(5)) - unhedged)).toBeLessThan(30);
  expect(Math.abs((await profits(6)) - hedged)).toBeLessThan(30);
  expect(Math.abs(hedged)).toBeLessThan(Math.abs(unhedged));
  await page.getByRole('spinbutton', { name: 'Move of SPY, per cent' }).fill('-20');
  await page.keyboard.press('Enter');
  await expect.poll(async () => Math.abs((await said())[0]! - 2 * unhedged)).toBeLessThan(2);
  // A shock is named with the decimals typed, a past stretch with its days.
  await page.getByRole('spinbutton', { name: 'Move of SPY, per cent' }).fill('-2.5');
  await page.keyboard.press('Enter');
  await expect(bars.getByRole('img')).toContainText(/SPY −2\.5\s%/);
  await expect(bars.getByRole('img')).toContainText(/worst day of SPY\s*\d{4}-\d\d-\d\d/);
  // Without a hedge the worst of the book is that of the hedged book: however long the name, no text lies over another.
  for (const layer of ['market', 'sector', 'subsector']) {
    await page.getByRole('spinbutton', { name: `${layer} layer, per cent`, exact: true }).fill('0');
    await page.keyboard.press('Tab');
  }
  await expect(bars.getByRole('img')).toContainText('the book, the hedged book');
  const lying = await bars.getByRole('img').evaluate((picture) => {
    const boxes = [...picture.querySelectorAll('text')].map((text) => ({
      words: text.textContent,
      ...(text.getBoundingClientRect().toJSON() as DOMRect),
    }));
    return boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y + 3 < b.y + b.height - 3 && b.y + 3 < a.y + a.height - 3)
        .map((b) => `${a.words} / ${b.words}`),
    );
  });
  expect(lying).toEqual([]);
  // Days the wrong way round are said, and can be changed.
  await page.getByRole('textbox', { name: 'From', exact: true }).fill('2026-01-30');
  await page.getByRole('textbox', { name: 'To', exact: true }).fill('2026-01-02');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The first day comes before the last.')).toBeVisible();
  await page.getByRole('textbox', { name: 'From', exact: true }).fill('2026-01-02');
  await page.getByRole('textbox', { name: 'To', exact: true }).fill('2026-01-30');
  await page.keyboard.press('Enter');
  await bars.getByRole('button', { name: 'Table' }).click();
  await expect(bars.getByRole('gridcell', { name: 'your stretch' })).toBeVisible();
  await expect(bars.getByRole('gridcell', { name: '2026-01-02 to 2026-01-30' })).toBeVisible();

  // The market ETF is a factor itself.
  await goTo(page, 'Attribution');
  await page.getByRole('textbox', { name: 'Of', exact: true }).fill('SPY');
  await page.getByRole('button', { name: 'Show' }).first().click();
  await expect(page.getByText(/No day of .* has factor parts for SPY/)).toBeVisible();
});

test('metrics leave as a Parquet file another library reads; the interface for scripts answers with its token only', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R1', exact: true }).click();
  const cube = page.getByRole('region', { name: /^Metrics of R1/ });
  await cube.getByRole('combobox', { name: 'Names' }).selectOption('long');
  const [path] = await app.save(1, () => cube.getByRole('button', { name: 'Export metrics' }).click());
  await expect(cube.getByText(/Written: [\d,]+ rows/)).toBeVisible();
  const count = number((await cube.getByText(/Written: [\d,]+ rows/).textContent())!.match(/[\d,]+/)![0]);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path!), columns: ['ticker', 'l3_market_hr'] });
  expect(rows).toHaveLength(count);
  expect(rows.some((row) => typeof row.l3_market_hr === 'number')).toBe(true);

  await cube.getByRole('link', { name: 'the local interface' }).click();
  const scripts = page.getByRole('region', { name: 'Local interface for scripts' });
  const answer = scripts.getByRole('switch', { name: 'Answer scripts' });
  await expect(answer).not.toBeChecked();
  await answer.check();
  const address = (await scripts.getByText(/On at http/).textContent())!.match(/http:\S+/)![0];
  expect((await fetch(`${address}/metrics/${rows[0]!.ticker as string}`)).status).toBe(401);
  await scripts.getByRole('button', { name: 'Copy token' }).click();
  await expect(scripts.getByText('Token copied.')).toBeVisible();
  await goTo(page, 'Runs');
  await page.getByRole('grid', { name: 'Stored runs' }).getByRole('gridcell', { name: 'R1', exact: true }).click();
  const anyText = cube.getByRole('textbox', { name: 'Tickers' });
  await anyText.focus();
  await page.keyboard.press('ControlOrMeta+v');
  const token = await anyText.inputValue();
  const ask = (): Promise<Response> =>
    fetch(`${address}/metrics/${rows[0]!.ticker as string}`, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask()).status).toBe(200);
  await cube.getByRole('link', { name: 'the local interface' }).click();
  await expect(answer).toBeChecked();
  await scripts.getByRole('button', { name: 'New token' }).click();
  await expect.poll(async () => (await ask()).status).toBe(401);
  await answer.uncheck();
  await expect(scripts.getByText(/On at http/)).toHaveCount(0);
  await expect(ask()).rejects.toThrow();
});

test('a book that nothing models says so and what helps; what is thin or short says that it is', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  await goTo(page, 'Import');
  const files = {
    'nothing.csv': 'ticker,quantity,account,as_of\nNOPE,100,NONE,2026-06-30\n',
    'short.csv':
      'ticker,quantity,price,account,as_of\nQXAA,-1000,,SHORT,2026-06-30\nBOND,-9000,100,SHORT,2026-06-30\nNOPE,5,,SHORT,2026-06-30\n',
  };
  const paths = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(app.home, name), text);
    return join(app.home, name);
  });
  await app.choose(paths, () => page.getByRole('button', { name: 'Choose files…' }).click());
  await page.getByRole('button', { name: 'Commit 2 files' }).click();
  await expect(page.getByRole('button', { name: 'Close 2 finished files' })).toBeVisible();
  const look = async (screen: string, file: string): Promise<void> => {
    await goTo(page, screen);
    await page.getByRole('combobox', { name: 'Book', exact: true }).selectOption({ label: `2026-06-30 · ${file}` });
    await settled(page);
  };
  for (const screen of ['Exposures', 'Risk', 'Attribution', 'Effectiveness', 'Scenarios']) {
    await look(screen, 'nothing.csv');
    const said = page.getByText(/No position of the book is modelled/);
    await expect(said, screen).toHaveCount(screen === 'Risk' ? 2 : 1);
    await expect(page.getByText(/Import what is missing and run again/).first()).toBeVisible();
    await expect(page.getByRole('main').getByRole('link', { name: /See why|Look at the book/ })).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
  await page.getByRole('link', { name: 'See why' }).click();
  await expect(page.getByRole('heading', { name: 'Book', level: 1 })).toBeVisible();

  await look('Effectiveness', 'short.csv');
  await expect(page.getByText('Of the smaller part of the book:')).toBeVisible();
  await expect(page.locator('dl.facts')).toContainText(/Weight without parts 9\d\.\d\d\s%, and 1 position without a value/);
  await look('Attribution', 'short.csv');
  await expect(page.locator('dl.facts')).toContainText('and 1 position without a value');
  const correlation = panel(page, 'Correlation of the book');
  await correlation.getByRole('textbox', { name: 'with' }).fill('SPY');
  await correlation.getByRole('button', { name: 'Show' }).click();
  await expect(correlation.getByText('its profit correlates with the opposite sign')).toBeVisible();
  await expectAccessible(page);
  // Questions about what is not there are answered so.
  app.complaints.splice(0, Infinity, ...app.complaints.filter((line) => !/status of 404/.test(line)));
});
