import { afterEach, expect, it, vi } from 'vitest';
import { idle } from './idle.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('comes when the browser says so, and after a while in one that cannot tell', async () => {
  let say = (): void => undefined;
  vi.stubGlobal('requestIdleCallback', (work: () => void) => (say = work));
  let came = false;
  const told = idle().then(() => (came = true));
  await Promise.resolve();
  expect(came).toBe(false);
  say();
  await told;

  vi.stubGlobal('requestIdleCallback', undefined);
  vi.useFakeTimers();
  const later = idle();
  await vi.advanceTimersByTimeAsync(1000);
  await later;
});
