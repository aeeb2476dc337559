import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const { app, done, asked, answers } = vi.hoisted(() => ({
  app: { workspace: { name: 'Desk', revision: 1 }, runs: [{ lineage: { runId: 'R1' } }], screen: 'book' },
  done: [] as string[],
  asked: [] as number[],
  answers: [] as (() => void)[],
}));
vi.mock('svelte', () => ({ mount: () => done.push('rendered'), flushSync: () => undefined, unmount: () => undefined }));
vi.mock('./Detail.svelte', () => ({ default: {} }));
vi.mock('../../lib/app.svelte.ts', () => ({ app, picked: () => ({}) }));
vi.mock('../../ui/chart/plot.ts', () => ({ drawPlot: () => (done.push('drawn'), { destroy: () => undefined }) }));
vi.mock('./load.ts', () => ({
  askSecurity: ({ securityId }: { securityId: number }) => {
    asked.push(securityId);
    const column = new Float64Array(1);
    return new Promise((resolve) =>
      answers.push(() => resolve({ fields: { day: new Int32Array(1), l1_mkt_hr: column, l1_mkt_hr_se: column } })),
    );
  },
}));
const idle: (() => void)[] = [];
vi.stubGlobal('requestIdleCallback', (work: () => void) => idle.push(work));
vi.stubGlobal('document', { createElement: () => ({}) });
const { prepareSecurities } = await import('./prepare.ts');

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Everything that waits for time or for an answer; what waits for an idle moment is left. */
async function passTime(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000);
  answers.shift()?.();
  await vi.advanceTimersByTimeAsync(1000);
}

it('asks for the first three after a moment, one after the other, and renders one while the page is idle', async () => {
  prepareSecurities([]);
  prepareSecurities([7, 8, 9, 10]);
  expect(asked).toEqual([]);
  await passTime();
  expect([asked, done]).toEqual([[7], []]);
  for (const parts of [
    ['rendered'],
    ['rendered', 'drawn'],
    ['rendered', 'drawn', 'rendered'],
    ['rendered', 'drawn', 'rendered', 'drawn'],
  ]) {
    idle.shift()!();
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toEqual(parts);
  }
  expect(asked).toEqual([7, 8]);
  await passTime();
  await passTime();
  expect(asked).toEqual([7, 8, 9]);
});

it('asks again once the data or the run are others, renders no more, and stops where the book is left', async () => {
  asked.length = done.length = 0;
  prepareSecurities([7, 8, 9]);
  await passTime();
  expect(asked).toEqual([]);
  app.workspace.revision = 2;
  prepareSecurities([7, 8, 9]);
  prepareSecurities([7, 8, 9]);
  await passTime();
  expect([asked, done, idle]).toEqual([[7, 8], [], []]);
  app.screen = 'hedge';
  await passTime();
  expect(asked).toEqual([7, 8]);
});
