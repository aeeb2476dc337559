/** What the interaction bench measures inside the page, and how it counts. Times in milliseconds. */
import type { Page } from 'playwright-core';

export interface Quantiles {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly worst: number;
}

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN) * 10) / 10;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), p99: at(0.99), worst: at(1) };
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

export interface Tasks {
  readonly wall: Quantiles;
  /** Time the thread had a processor: what is left of a wall time when others use the machine too. */
  readonly cpu: Quantiles;
}

/** Tasks of the page's main thread in a trace: all of them, and those that brought a frame to the screen. */
export function tasksOf(trace: Buffer): { readonly all: Tasks; readonly frames: Tasks } {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const main = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && threads.has(`${pid}/${tid}`));
  const tasks = main.filter(({ name }) => name === 'ThreadControllerImpl::RunTask');
  const commits = main.filter(({ name }) => name === 'Commit').map(({ ts }) => ts);
  const frames = tasks.filter(({ ts, dur = 0 }) => commits.some((at) => at >= ts && at <= ts + dur));
  const of = (list: readonly TraceEvent[]): Tasks => ({
    wall: quantiles(list.map(({ dur = 0 }) => dur / 1000)),
    cpu: quantiles(list.map(({ tdur = 0 }) => tdur / 1000)),
  });
  return { all: of(tasks), frames: of(frames) };
}

/** Milliseconds for which a hand holds a mouse button down in a click. */
const PRESS = 80;

/** Clicks a position in view with the mouse; from the click (the button let go) until levels and charts are painted. */
export async function openNext(page: Page): Promise<number> {
  const { x, y } = await page.evaluate(() => {
    const cell = [...document.querySelectorAll<HTMLElement>('[aria-label=Positions] .body [role=row] [aria-colindex="1"]')].at(-9)!;
    const { left, top } = cell.getBoundingClientRect();
    return { x: left + 8, y: top + 8 };
  });
  await page.mouse.move(x, y);
  const painted = page.evaluate(
    () =>
      new Promise<number>((done) => {
        let from = 0;
        // Asked at each change of the page: a look per frame would find what a frame brought only in the next.
        const watch = new MutationObserver(() => {
          if (!document.querySelector('[aria-label="Level 1"]') || document.querySelectorAll('.uplot canvas').length < 5) return;
          watch.disconnect();
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - from)));
        });
        const begin = (): void => {
          from = performance.now();
          watch.observe(document.body, { childList: true, subtree: true });
        };
        document.addEventListener('click', begin, { capture: true, once: true });
      }),
  );
  await page.mouse.down();
  await page.waitForTimeout(PRESS);
  await page.mouse.up();
  return painted;
}

/** Moves the sector slider and waits until the ticket has other numbers, painted. */
export function edit(page: Page, value: number): Promise<number> {
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

/** Clicks Cancel as soon as it is there and waits until the job is said to have ended: the click to the word. */
export function cancelSoon(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        let from = 0;
        const look = (): void => {
          const button = [...document.querySelectorAll<HTMLElement>('.job button, .progress button')].find(
            (one) => one.textContent === 'Cancel',
          );
          if (button && from === 0) {
            from = performance.now();
            button.click();
          } else if (!button && from > 0) return void setTimeout(() => done(performance.now() - from));
          requestAnimationFrame(look);
        };
        look();
      }),
  );
}

export interface Answers {
  /** How late a timer of the page comes. */
  readonly window: Quantiles;
  /** How long the program takes to answer a call. */
  readonly calls: Quantiles;
  readonly seconds: number;
}

interface Probing {
  ended: boolean;
  done: Promise<{ lags: number[]; calls: number[] }>;
}

/** Asks the window and the program every 20 ms while `work` goes on. */
export async function answersDuring(page: Page, work: () => Promise<unknown>): Promise<Answers> {
  await page.evaluate(() => {
    const probing: Probing = { ended: false, done: Promise.resolve({ lags: [], calls: [] }) };
    const ask = async (): Promise<{ lags: number[]; calls: number[] }> => {
      const [lags, calls]: [number[], number[]] = [[], []];
      const headers = {
        'content-type': 'application/json',
        'x-hedgerow-session': sessionStorage.getItem('hedgerow-session') ?? '',
      };
      while (!probing.ended) {
        const from = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
        lags.push(performance.now() - from - 20);
        const asked = performance.now();
        await (await fetch('/api/jobs.list', { method: 'POST', body: '{}', headers })).json();
        calls.push(performance.now() - asked);
      }
      return { lags, calls };
    };
    probing.done = ask();
    Object.assign(window, { probing });
  });
  const from = Date.now();
  await work();
  const seconds = Math.round((Date.now() - from) / 100) / 10;
  const { lags, calls } = await page.evaluate(() => {
    const { probing } = window as unknown as { probing: Probing };
    probing.ended = true;
    return probing.done;
  });
  return { window: quantiles(lags), calls: quantiles(calls), seconds };
}
