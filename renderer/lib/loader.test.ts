import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Loaded, LoaderOptions } from './loader.ts';

vi.mock('./api.ts', () => ({ errorData: ({ message }: Error) => ({ code: 'internal', message, action: '', retryable: true }) }));
const { loader } = await import('./loader.ts');

interface Asked {
  readonly shown: Loaded<string>;
  readonly ask: () => { answer: (text: string) => Promise<void>; fail: () => Promise<void> };
  readonly begin: (work: null) => void;
  readonly begun: () => number;
}

function asked(options: LoaderOptions = {}): Asked {
  const shown: Loaded<string> = { data: undefined, error: undefined, loading: true, late: false };
  const { begin } = loader(shown, options);
  let begun = 0;
  return {
    shown,
    begin,
    begun: () => begun,
    ask() {
      let resolve!: (text: string) => void;
      let reject!: (reason: Error) => void;
      const promise = new Promise<string>((...ends) => ([resolve, reject] = ends));
      begin(() => ((begun += 1), promise));
      return {
        answer: (text) => (resolve(text), vi.advanceTimersByTimeAsync(0).then(() => undefined)),
        fail: () => (reject(new Error('no')), vi.advanceTimersByTimeAsync(0).then(() => undefined)),
      };
    },
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('shows the last thing asked for, whatever the order of the answers, and then nothing is late for ever', async () => {
  const { shown, ask } = asked();
  const [first, second] = [ask(), ask()];
  await second.answer('second');
  expect(shown).toEqual({ data: 'second', error: undefined, loading: false, late: false });
  await first.answer('first');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toEqual({ data: 'second', error: undefined, loading: false, late: false });

  const [third, fourth] = [ask(), ask()];
  await fourth.answer('fourth');
  await third.fail();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toEqual({ data: 'fourth', error: undefined, loading: false, late: false });
});

it('keeps the old answer while a newer one is waited for, late after a quarter of a second; nothing to load is never late', async () => {
  const { shown, ask, begin } = asked();
  await ask().answer('old');
  const [first, second] = [ask(), ask()];
  await first.answer('between');
  await vi.advanceTimersByTimeAsync(240);
  expect(shown).toMatchObject({ data: 'old', loading: true, late: false });
  await vi.advanceTimersByTimeAsync(20);
  expect(shown).toMatchObject({ data: 'old', loading: true, late: true });
  await second.answer('new');
  expect(shown).toMatchObject({ data: 'new', loading: false, late: false });

  const last = ask();
  begin(null);
  await last.answer('for nobody');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toEqual({ data: undefined, error: undefined, loading: false, late: false });
});

it('loads one at a time when told so: each answer is shown, and only the last of what waits is asked for', async () => {
  const { shown, ask, begun } = asked({ oneAtATime: true });
  const first = ask();
  ask();
  const third = ask();
  expect(begun()).toBe(1);
  await first.answer('first');
  expect(begun()).toBe(2);
  expect(shown).toMatchObject({ data: 'first', loading: true });
  await third.answer('third');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toEqual({ data: 'third', error: undefined, loading: false, late: false });
});

it('tells of a failure, and of the next success instead', async () => {
  const { shown, ask } = asked();
  await ask().fail();
  expect(shown).toMatchObject({ data: undefined, loading: false });
  expect(shown.error?.message).toBe('no');
  await ask().answer('yes');
  expect(shown).toEqual({ data: 'yes', error: undefined, loading: false, late: false });
});
