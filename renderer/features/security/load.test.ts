import { beforeEach, expect, it, vi } from 'vitest';

const asked: string[] = [];
const answers: (() => void)[] = [];
const answer = (method: string): Promise<object> => {
  asked.push(method);
  return new Promise((resolve) => answers.push(() => resolve({ header: {}, columns: {} })));
};
const gone: unknown[] = [];
vi.mock('../../lib/api.ts', () => ({ columns: answer }));
const app = { told: 0 };
vi.mock('../../lib/app.svelte.ts', () => ({ app, go: (...to: unknown[]) => gone.push(to), picked: () => ({ runId: 'R1' }) }));
vi.mock('../../lib/etfs.ts', () => ({ etfOf: (id: number) => (id === 9 ? 'SPY' : undefined) }));
const { askAhead, loadSecurity, openSecurity } = await import('./load.ts');

const all = ['security.open'];
const settle = async (work: Promise<unknown>): Promise<void> => {
  for (const give of answers.splice(0)) give();
  await work;
};
beforeEach(() => {
  asked.length = gone.length = 0;
});

it('asks for a security when it is chosen, once, and the screen takes what is on its way', async () => {
  openSecurity(7, 'history');
  expect([asked, gone]).toEqual([all, [['security', 7, 'history']]]);
  const loaded = loadSecurity({ runId: 'R1', securityId: 7 });
  expect(asked).toEqual(all);
  await settle(loaded);
  void loadSecurity({ runId: 'R1', securityId: 7 });
  expect(asked).toEqual([...all, ...all]);
});

it('asks when the mouse is pressed; the click that follows asks no more', async () => {
  askAhead(6);
  askAhead(6);
  expect([asked, gone]).toEqual([all, []]);
  openSecurity(6);
  const loaded = loadSecurity({ runId: 'R1', securityId: 6 });
  expect(asked).toEqual(all);
  await settle(loaded);
});

it('asks anew when something was told of between the press and the screen', async () => {
  askAhead(5);
  app.told += 1;
  openSecurity(5);
  expect(asked).toEqual([...all, ...all]);
  app.told += 1;
  const loaded = loadSecurity({ runId: 'R1', securityId: 5 });
  expect(asked).toEqual([...all, ...all, ...all]);
  await settle(loaded);
});

it('asks anew for another security or run, or when what came was not taken for a second; an ETF of the map is not asked for', async () => {
  vi.useFakeTimers();
  openSecurity(7);
  const other = loadSecurity({ runId: 'R2', securityId: 7 });
  expect(asked).toEqual([...all, ...all]);
  await settle(other);
  openSecurity(8);
  vi.advanceTimersByTime(1000);
  void loadSecurity({ runId: 'R1', securityId: 8 });
  expect(asked.length).toBe(4 * all.length);
  askAhead(9);
  openSecurity(9);
  expect([asked.length, gone.at(-1)]).toEqual([4 * all.length, ['security', 9, '']]);
  vi.useRealTimers();
});
