import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Hooks } from './session.ts';
import { shared, type Shared } from './shared.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Shared work that ends when told so, or when it is given up. */
function begun(): { work: Shared<string>; tell: Required<Hooks>['onProgress']; end: () => void } {
  let own: Required<Hooks> | undefined;
  let end!: () => void;
  const work = shared<string>(
    (hooks) =>
      new Promise((resolve, reject) => {
        own = hooks;
        end = () => resolve('done');
        hooks.signal?.addEventListener('abort', () => reject(new Error('given up')));
      }),
  );
  return { work, tell: own!.onProgress, end };
}

it('one that gives up is let go at once; the others are told how far it is, and get the answer', async () => {
  const { work, tell, end } = begun();
  const stop = new AbortController();
  const shares: (number | null)[] = [];
  const first = work.wait({ signal: stop.signal });
  const second = work.wait({ onProgress: (share) => shares.push(share) });
  stop.abort();
  await expect(first).rejects.toMatchObject({ data: { code: 'cancelled' } });
  await vi.advanceTimersByTimeAsync(10_000);
  tell!(0.5, '');
  end();
  expect([await second, shares, work.givenUp]).toEqual(['done', [0.5], false]);
  expect(await work.wait({})).toBe('done');
});

it('work that nobody waits for is given up after a while, unless somebody asks for it again until then', async () => {
  const { work, end } = begun();
  const [one, other] = [new AbortController(), new AbortController()];
  const left = expect(work.wait({ signal: one.signal })).rejects.toMatchObject({ data: { code: 'cancelled' } });
  one.abort();
  await left;
  await vi.advanceTimersByTimeAsync(900);
  const again = expect(work.wait({ signal: other.signal })).rejects.toMatchObject({ data: { code: 'cancelled' } });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(work.givenUp).toBe(false);
  other.abort();
  await again;
  await vi.advanceTimersByTimeAsync(900);
  expect(work.givenUp).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(work.givenUp).toBe(true);
  end();
});
