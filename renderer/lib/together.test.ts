import { expect, it, vi } from 'vitest';
import { together } from './together.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function counted(): { begun: number; end: () => void; work: () => Promise<void> } {
  const one = {
    begun: 0,
    end: (): void => undefined,
    work: (): Promise<void> => {
      one.begun += 1;
      return new Promise((resolve) => (one.end = resolve));
    },
  };
  return one;
}

it('is begun anew for whoever asks while it goes on, once for all of them, and never twice at a time', async () => {
  const one = counted();
  const { ask, done } = together(one.work);
  const first = ask();
  await settle();
  const ended = vi.fn();
  void Promise.all([ask(), ask()]).then(ended);
  void done().then(ended);
  await settle();
  expect(one.begun).toBe(1);
  one.end();
  await first;
  await settle();
  expect([one.begun, ended.mock.calls.length]).toEqual([2, 0]);
  one.end();
  await settle();
  expect(ended).toHaveBeenCalledTimes(2);
  await done();
});

it('waits for others that have the same reason: they share it', async () => {
  const one = counted();
  const { ask } = together(one.work);
  const both = Promise.all([ask(10), ask(10)]);
  await settle();
  expect(one.begun).toBe(0);
  await vi.waitFor(() => expect(one.begun).toBe(1));
  one.end();
  await both;
  expect(one.begun).toBe(1);
});

it('tells a failure to those who asked for it, and goes on', async () => {
  const work = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('gone'));
  const { ask } = together(work);
  await expect(ask()).rejects.toThrow('gone');
  await ask();
  expect(work).toHaveBeenCalledTimes(2);
});
