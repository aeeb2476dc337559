import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Loaded, LoaderOptions } from './loader.ts';

vi.mock('./api.ts', () => ({ errorData: ({ message }: Error) => ({ code: 'internal', message, action: '', retryable: true }) }));
const { loader } = await import('./loader.ts');

interface Asked {
  readonly shown: Loaded<string>;
  readonly ask: () => { answer: (text: string) => Promise<void>; fail: () => Promise<void> };
  readonly begin: (work: null) => void;
  readonly begun: () => number;
  readonly stop: () => void;
  readonly cancel: () => void;
}

const NAME: unknown = expect.any(String);

function asked(options: LoaderOptions = {}): Asked {
  const shown: Loaded<string> = { data: undefined, error: undefined, loading: true, late: false, question: '' };
  const { begin, stop, cancel } = loader(shown, options);
  let begun = 0;
  return {
    shown,
    begin,
    stop,
    cancel,
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
  expect(shown).toEqual({ data: 'second', error: undefined, loading: false, late: false, question: NAME });
  await first.answer('first');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toEqual({ data: 'second', error: undefined, loading: false, late: false, question: NAME });

  const [third, fourth] = [ask(), ask()];
  await fourth.answer('fourth');
  await third.fail();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toEqual({ data: 'fourth', error: undefined, loading: false, late: false, question: NAME });
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
  expect(shown).toEqual({ data: undefined, error: undefined, loading: false, late: false, question: NAME });
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
  expect(shown).toEqual({ data: 'third', error: undefined, loading: false, late: false, question: NAME });
});

it('tells of each question that nobody waits for any more: asked anew, asked for nothing, or left', async () => {
  const given: string[] = [];
  const { shown, ask, begin, stop } = asked({ giveUp: (question) => given.push(question) });
  const first = ask();
  const name = shown.question;
  await first.answer('first');
  ask();
  const second = shown.question;
  expect([given, second === name]).toEqual([[], false]);
  ask();
  const third = shown.question;
  expect(given).toEqual([second]);
  begin(null);
  expect(given).toEqual([second, third]);
  ask();
  stop();
  expect(given).toEqual([second, third, shown.question]);
  stop();
  expect(given.length).toBe(3);
});

it('what is cancelled is said to be, whatever comes of it, and can be asked for again', async () => {
  const given: string[] = [];
  const { shown, ask, cancel } = asked({ oneAtATime: true, giveUp: (question) => given.push(question) });
  await ask().answer('old');
  const slow = ask();
  ask();
  cancel();
  expect(given).toEqual([shown.question]);
  const said = { data: undefined, error: { code: 'cancelled', message: 'Nothing was loaded.' }, loading: false, late: false };
  expect(shown).toMatchObject(said);
  await slow.fail();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(shown).toMatchObject(said);
  await ask().answer('new');
  expect(shown).toEqual({ data: 'new', error: undefined, loading: false, late: false, question: NAME });
});

it('tells of a failure, and of the next success instead', async () => {
  const { shown, ask } = asked();
  await ask().fail();
  expect(shown).toMatchObject({ data: undefined, loading: false });
  expect(shown.error?.message).toBe('no');
  await ask().answer('yes');
  expect(shown).toEqual({ data: 'yes', error: undefined, loading: false, late: false, question: NAME });
});
