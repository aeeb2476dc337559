/**
 * How quickly the real program answers at full size (main/bench/results/interaction.json):
 *
 *   node e2e/interaction.ts [HOME]     needs a build; HOME is a prepared folder that is kept, else one is made and removed
 *
 * 10,000 positions x 60 columns scrolled under a trace; a security opened; an edit until the ticket has changed; the window and its
 * calls while a run goes on.
 */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { record } from '../main/bench/record.ts';
import { goTo } from './fixtures.ts';
import { makeWorkspace, SIZE } from './interaction-workspace.ts';
import { openInBrowser } from './shells.ts';

const round = (value: number): number => Math.round(value * 10) / 10;
function quantiles(values: readonly number[]): { count: number; median: number; p95: number; p99: number; worst: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN);
  return { count: sorted.length, median: at(0.5), p95: at(0.95), p99: at(0.99), worst: at(1) };
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds of every task of the page's main thread. */
function tasksOf(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );

  return traceEvents
    .filter(({ ph, name, pid, tid, dur }) => ph === 'X' && dur !== undefined && /RunTask$/.test(name) && main.has(`${pid}/${tid}`))
    .map(({ dur }) => dur! / 1000);
}

const kept = process.argv[2];
const prepare = (home: string): void => {
  if (kept !== undefined && existsSync(join(kept, 'recent.json'))) cpSync(kept, home, { recursive: true });
  else makeWorkspace(home);
  if (kept !== undefined && !existsSync(kept)) cpSync(home, kept, { recursive: true });
};

const app = await openInBrowser({ prepare });
const { page } = app;
const browser = page.context().browser()!;
try {
  await page.getByText('Bench').first().click();
  await goTo(page, 'Book');
  const grid = page.getByRole('grid', { name: 'Positions', exact: true });
  const book = page.getByRole('combobox', { name: 'Snapshot' });
  const choose = async (words: string): Promise<void> => {
    const value = await book.evaluate(
      (select, text) => [...(select as HTMLSelectElement).options].findIndex((option) => option.text.includes(text)),
      words,
    );
    await book.selectOption({ index: value });
  };
  await choose('book-10000');
  await page.getByRole('combobox', { name: 'View' }).selectOption('Every column');
  await page.waitForFunction(
    () => Number(document.querySelector('[aria-label=Positions]')?.getAttribute('aria-rowcount')) > 10_000,
    undefined,
    { timeout: 60_000 },
  );
  const columns = Number(await grid.getAttribute('aria-colcount'));
  const rows = Number(await grid.getAttribute('aria-rowcount')) - 2;

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
  const scroll = quantiles(tasksOf(await browser.stopTracing()));
  console.log('scroll', rows, 'x', columns, scroll);

  const opened: number[] = [];
  for (let i = 0; i < 15; i++) {
    await goTo(page, 'Book');
    await grid.getByRole('gridcell').first().waitFor();
    await grid.evaluate((box, y) => (box.scrollTop = y), 4000 * (i + 1));
    await page.waitForTimeout(150);
    opened.push(await openNext(page));
  }
  console.log('open a security', quantiles(opened));

  await goTo(page, 'Book');
  await choose('book-200');
  await page.waitForFunction(() => Number(document.querySelector('[aria-label=Positions]')?.getAttribute('aria-rowcount')) < 300);
  await goTo(page, 'Hedge');
  const ticket = page.getByRole('grid', { name: 'Hedge ticket per ETF' });
  await ticket.getByRole('row').nth(3).waitFor({ timeout: 60_000 });
  const etfs = Number(await ticket.getAttribute('aria-rowcount')) - 1;
  const edits: number[] = [];
  for (let i = 0; i < 30; i++) edits.push(await edit(page, 40 + i));
  console.log('edit to ticket', etfs, quantiles(edits));

  await goTo(page, 'Runs');
  await page.getByRole('button', { name: 'Run the cascade' }).waitFor();
  const probe = page.evaluate(probeWindow, 8_000);
  await page.getByRole('button', { name: 'Run the cascade' }).click();
  const busy = await probe;
  const lags = quantiles(busy.lags);
  const calls = quantiles(busy.calls);
  console.log('while a run goes on: window', lags, 'calls', calls);

  record('interaction', {
    workspace: { ...SIZE, etfs: 1 + SIZE.sectors + SIZE.subsectors },
    unit: 'milliseconds',
    scroll: { rows, columns, limitP99: 16, mainThreadTasks: scroll },
    openSecurity: { limit: 150, ...quantiles(opened) },
    editToTicket: { limit: 100, positions: SIZE.small, ticketRows: etfs, ...quantiles(edits) },
    whileRunning: { limitP99: 50, window: lags, calls },
  });
} finally {
  await app.close();
}

/** Clicks a row in view and waits until levels and charts are painted. */
function openNext(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        const cell = [...document.querySelectorAll<HTMLElement>('[aria-label=Positions] .body [role=row] [aria-colindex="1"]')].at(-3)!;
        const from = performance.now();
        cell.click();
        const look = (): void => {
          const ready = document.querySelector('[aria-label="Level 1"]') && document.querySelectorAll('.uplot canvas').length >= 5;
          if (ready) requestAnimationFrame(() => setTimeout(() => done(performance.now() - from)));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
  );
}

/** Moves the sector slider and waits until the ticket has other numbers, painted. */
function edit(page: Page, value: number): Promise<number> {
  return page.evaluate(
    (to) =>
      new Promise<number>((done) => {
        const ticket = document.querySelector('[aria-label="Hedge ticket per ETF"]')!;
        const slider = document.querySelector<HTMLInputElement>('input[type=range][aria-label="sector layer, per cent"]')!;
        const before = ticket.textContent;
        const from = performance.now();
        slider.value = String(to);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        const look = (): void => {
          if (ticket.textContent !== before) requestAnimationFrame(() => setTimeout(() => done(performance.now() - from)));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    value,
  );
}

/** How late timers of the page come, and how long a call takes, every 20 ms. */
async function probeWindow(milliseconds: number): Promise<{ lags: number[]; calls: number[] }> {
  const [lags, calls]: [number[], number[]] = [[], []];
  const secret = sessionStorage.getItem('hedgerow-session');
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const from = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    lags.push(performance.now() - from - 20);
    const asked = performance.now();
    await (
      await fetch('/api/jobs.list', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'x-hedgerow-session': secret ?? '' },
      })
    ).json();
    calls.push(performance.now() - asked);
  }
  return { lags, calls };
}
