import { expect, it } from 'vitest';
import { pace } from './pace.ts';

const at = (progress: number | null) => ({ progress, startedAt: '2026-01-01T00:00:00.000Z' });
const later = (seconds: number): number => Date.parse('2026-01-01T00:00:00.000Z') + seconds * 1000;

it('a quarter done in ten seconds leaves thirty, at a quarter of the bytes in ten seconds', () => {
  expect(pace(at(0.25), 4000, later(10))).toEqual({ left: 30, rate: 100 });
  expect(pace(at(0.25), null, later(10))).toEqual({ left: 30, rate: null });
  expect(pace(at(1), 4000, later(10))).toEqual({ left: 0, rate: 400 });
});

it('says nothing before it can', () => {
  for (const [progress, seconds] of [
    [null, 10],
    [0.01, 10],
    [0.5, 0.1],
  ] as const)
    expect(pace(at(progress), 4000, later(seconds))).toEqual({ left: null, rate: null });
});
