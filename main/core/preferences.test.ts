import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { getPreferences, setPreference } from './preferences.ts';

const home = mkdtempSync(join(tmpdir(), 'preferences-'));
afterAll(() => rmSync(home, { recursive: true }));

it('keeps what was set, and starts anew from a damaged file', () => {
  expect(getPreferences(home)).toEqual({});
  setPreference(home, 'theme', 'dark');
  setPreference(home, 'book.columns', 'price');
  setPreference(home, 'theme', 'light');
  expect(getPreferences(home)).toEqual({ theme: 'light', 'book.columns': 'price' });
  writeFileSync(join(home, 'preferences.json'), '{"theme": 3, "x": ');
  expect(getPreferences(home)).toEqual({});
  setPreference(home, 'theme', 'dark');
  expect(getPreferences(home)).toEqual({ theme: 'dark' });
});
