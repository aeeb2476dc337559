import { expect, it } from 'vitest';
import { onScreen } from './wording.ts';

it('names controls instead of flags', () => {
  expect(onScreen('Name the day: --known-as-of YYYY-MM-DD.')).toBe('Name the day: “Known as of”.');
  expect(onScreen('If this is a correction, import with accepted restatements (--accept-restatements); the old version is kept.')).toBe(
    'If this is a correction, import with accepted restatements (“Accept restated values”); the old version is kept.',
  );
  expect(onScreen('Say which: --date-order DMY or --date-order MDY.')).toBe('Say which: “Dates”.');
  for (const values of ['--value close or --value adj_close', '--value close'])
    expect(onScreen(`Say which: ${values}.`)).toBe('Say which: “Values”.');
  expect(onScreen('Say which: --decimal . or --decimal ,.')).toBe('Say which: “Decimal”.');
  expect(onScreen('Say which: --layout schwab or --layout native.')).toBe('Say which: “Holdings layout”.');
  expect(onScreen('override them with a reason (--override REASON), which')).toBe('override them with a reason (the box “say why”), which');
  expect(onScreen('Name the encoding: --encoding utf-8 or --encoding windows-1252.')).toBe(
    'Name the encoding: “Encoding” utf-8 or “Encoding” windows-1252.',
  );
});

it('has the minus of screens in numbers, and leaves days, codes, ranges and what a file says alone', () => {
  expect(onScreen('subsector target -$83,018, (-1.5) by -2 %')).toBe('subsector target −$83,018, (−1.5) by −2\u00a0%');
  const plain = '"-1.5" is not above 0 on 2026-06-30 in ACCT-7, 10-20 shares of H-1';
  expect(onScreen(plain)).toBe(plain);
});

it('never shows a flag, also one it does not know, and leaves other text alone', () => {
  expect(onScreen('Try --brand-new X.')).toBe('Try “brand new” X.');
  const plain = 'Wait for it -- or not: 2024-01-02, A-B, −3.';
  expect(onScreen(plain)).toBe(plain);
});
