import { beforeEach, expect, it, vi } from 'vitest';

const idle: (() => void)[] = [];
vi.stubGlobal('requestIdleCallback', (work: () => void) => idle.push(work));
let prepareEdits: typeof import('./prepare.ts').prepareEdits;
beforeEach(async () => {
  vi.resetModules();
  ({ prepareEdits } = await import('./prepare.ts'));
});

it('computes a shown ticket three times, each in an idle moment, once in the life of the page, whatever the answers', async () => {
  let asked = 0;
  const ask = (): Promise<unknown> => Promise.reject(new Error(String((asked += 1))));
  const work = prepareEdits(ask, 60, () => true);
  for (const expected of [0, 1, 2]) {
    await vi.waitFor(() => expect(idle.length).toBe(1));
    expect(asked).toBe(expected);
    idle.pop()!();
  }
  await work;
  await prepareEdits(ask, 60, () => true);
  expect([asked, idle]).toEqual([3, []]);
});

it('gives way to an edit, and asks for no ticket that takes long', async () => {
  let asked = 0;
  const ask = async (): Promise<void> => void (asked += 1);
  await prepareEdits(ask, 2000, () => true);
  expect([asked, idle]).toEqual([0, []]);
  const work = prepareEdits(ask, 60, () => asked === 0);
  idle.pop()!();
  await vi.waitFor(() => expect(idle.length).toBe(1));
  idle.pop()!();
  await work;
  expect(asked).toBe(1);
});
