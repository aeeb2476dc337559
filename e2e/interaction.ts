/**
 * How quickly the real program answers at full size (main/bench/results/interaction.json):
 *
 *   node e2e/interaction.ts [HOME [PART…]]     needs a build; HOME keeps the workspace for the next time; other parts keep their figures
 *
 * 10,000 positions x 60 columns scrolled under a trace; a security opened; an edit until the ticket has changed; the window and its
 * calls while a run and an import go on; a run and an import cancelled.
 */
import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { record } from '../main/bench/record.ts';
import { goTo, settled } from './fixtures.ts';
import { answersDuring, cancelSoon, edit, openNext, quantiles, tasksOf } from './interaction-measures.ts';
import { LOAD, plantWorkspace, SIZE } from './interaction-workspace.ts';
import { openInBrowser, ROOT } from './shells.ts';

const RESULTS = join(ROOT, 'main', 'bench', 'results', 'interaction.json');

const [home, ...parts] = process.argv.slice(2);
const app = await openInBrowser({ prepare: (folder) => plantWorkspace(folder, home) });
const { page } = app;
const browser = page.context().browser()!;
const grid = page.getByRole('grid', { name: 'Positions', exact: true });
const rowsOf = (label: string): Promise<number> =>
  page.locator(`[aria-label="${label}"]`).evaluate((box) => Number(box.getAttribute('aria-rowcount')));

async function choose(words: string): Promise<void> {
  const book = page.getByRole('combobox', { name: 'Snapshot' });
  const index = await book.evaluate(
    (select, text) => [...(select as HTMLSelectElement).options].findIndex((option) => option.text.includes(text)),
    words,
  );
  await book.selectOption({ index });
}

async function scroll(): Promise<Record<string, unknown>> {
  await goTo(page, 'Book');
  await choose('book-10000');
  await page.getByRole('combobox', { name: 'View' }).selectOption('Every column');
  await page.waitForFunction(
    () => Number(document.querySelector('[aria-label=Positions]')?.getAttribute('aria-rowcount')) > 10_000,
    undefined,
    { timeout: 60_000 },
  );
  const columns = Number(await grid.getAttribute('aria-colcount'));
  await grid.hover();
  await page.mouse.wheel(0, 400);
  await page.waitForTimeout(500);
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'],
  });
  for (let step = 0; step < 240; step++) {
    await page.mouse.wheel(step % 6 === 5 ? (step < 120 ? 120 : -120) : 0, step % 80 < 60 ? 120 : -240);
    await page.waitForTimeout(16);
  }
  return {
    rows: (await rowsOf('Positions')) - 2,
    columns,
    limitP99: 16,
    mainThreadTasks: tasksOf(await browser.stopTracing()),
  };
}

async function open(): Promise<Record<string, unknown>> {
  const times: number[] = [];
  await goTo(page, 'Runs');
  for (let i = 0; i < 15; i++) {
    // A book of ten thousand positions is asked for anew at each visit: the click comes when it is there.
    const loaded = page.waitForResponse((answer) => answer.url().endsWith('book.get'));
    await goTo(page, 'Book');
    await loaded;
    if (i === 0) await choose('book-10000');
    await settled(page);
    await grid.getByRole('gridcell').first().waitFor();
    await grid.evaluate((box, y) => (box.scrollTop = y), 4000 * (i + 1));
    await page.waitForTimeout(150);
    times.push(await openNext(page));
  }
  return { limit: 150, from: 'the click, 80 ms after the button was pressed', ...quantiles(times) };
}

async function edits(): Promise<Record<string, unknown>> {
  await goTo(page, 'Book');
  await choose('book-200');
  await page.waitForFunction(() => Number(document.querySelector('[aria-label=Positions]')?.getAttribute('aria-rowcount')) < 300);
  await goTo(page, 'Hedge');
  const ticket = page.getByRole('grid', { name: 'Hedge ticket per ETF' });
  await ticket.getByRole('row').nth(3).waitFor({ timeout: 60_000 });
  const times: number[] = [];
  for (let i = 0; i < 30; i++) times.push(await edit(page, 40 + i));
  return { limit: 100, positions: SIZE.small, ticketRows: (await rowsOf('Hedge ticket per ETF')) - 1, ...quantiles(times) };
}

/** The book of ten thousand positions asked for again and again: reading, summing and writing it must leave room for others. */
async function bookLoading(): Promise<Record<string, unknown>> {
  await goTo(page, 'Book');
  await choose('book-10000');
  await settled(page);
  const took: number[] = [];
  // The measure itself asks all the time: that nothing is asked is no sign here.
  const show = async (screen: string): Promise<void> => {
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true }).click();
    await page.getByRole('heading', { name: screen, level: 1 }).waitFor();
  };
  const answers = await answersDuring(page, async () => {
    for (let i = 0; i < 4; i++) {
      await show('Runs');
      const asked = Date.now();
      const loaded = page.waitForResponse((answer) => answer.url().endsWith('book.get'));
      await show('Book');
      await loaded;
      took.push(Date.now() - asked);
      await grid.getByRole('gridcell').first().waitFor();
    }
  });
  return { limitP99: 50, positions: SIZE.book, ...answers, answered: quantiles(took) };
}

const runs = page.getByRole('grid', { name: 'Stored runs' });
async function startRun(window: string): Promise<void> {
  await page.getByRole('spinbutton', { name: /^Window/ }).fill(window);
  await page.getByRole('button', { name: 'Run the cascade' }).click();
}

async function running(): Promise<Record<string, unknown>> {
  await goTo(page, 'Runs');
  await page.getByRole('button', { name: 'Run the cascade' }).waitFor();
  const answers = await answersDuring(page, async () => {
    await startRun('200');
    await runs.getByRole('gridcell', { name: '200', exact: true }).waitFor({ timeout: 60_000 });
  });
  const cancelled: number[] = [];
  for (const window of ['210', '220', '230']) {
    await startRun(window);
    cancelled.push(await cancelSoon(page));
  }
  return { limitP99: 50, ...answers, cancel: { limit: 200, ...quantiles(cancelled) } };
}

async function importing(): Promise<Record<string, unknown>> {
  await goTo(page, 'Import');
  await app.choose([join(app.home, LOAD)], () => page.getByRole('button', { name: 'Choose files…' }).click());
  // A matrix does not say what its numbers are.
  await page.getByRole('combobox', { name: 'Values' }).selectOption('close', { timeout: 60_000 });
  const read = page.getByRole('button', { name: 'Read again' });
  const cancelled: number[] = [];
  for (let i = 0; i < 3; i++) {
    await read.click();
    cancelled.push(await cancelSoon(page));
  }
  const answers = await answersDuring(page, async () => {
    await read.click();
    const commit = page.getByRole('button', { name: 'Commit', exact: true });
    await page.waitForFunction(
      () => [...document.querySelectorAll('button')].some((one) => one.textContent?.trim() === 'Commit' && !one.disabled),
      undefined,
      { timeout: 60_000 },
    );
    await commit.click();
    await page.getByText(/Committed as batch \d+/).waitFor({ timeout: 60_000 });
  });
  return { limitP99: 50, values: SIZE.stocks * SIZE.days, ...answers, cancel: { limit: 200, ...quantiles(cancelled) } };
}

try {
  await page.getByText('Bench').first().click();
  await page.getByRole('heading', { name: 'Book', level: 1 }).waitFor();
  const figures: Record<string, unknown> = {};
  for (const [name, measure] of Object.entries({
    scroll,
    openSecurity: open,
    whileBookLoads: bookLoading,
    editToTicket: edits,
    whileRunning: running,
    whileImporting: importing,
  })) {
    if (parts.length > 0 && !parts.includes(name)) continue;
    figures[name] = { at: new Date().toISOString(), load: Math.round(loadavg()[0]! * 10) / 10, ...(await measure()) };
    console.log(name, JSON.stringify(figures[name]));
  }
  const before = parts.length > 0 && existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as { parts: object }).parts : {};
  record('interaction', {
    workspace: { ...SIZE, etfs: 1 + SIZE.sectors + SIZE.subsectors },
    unit: 'milliseconds',
    parts: { ...before, ...figures },
  });
} finally {
  await page.screenshot({ path: join(app.home, 'last.png') }).catch(() => undefined);
  await app.close();
}
