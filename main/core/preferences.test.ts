import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { followPreferences, getPreferences, setPreference } from './preferences.ts';

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

  // Whoever follows hears of what is set, in this home and as long as it wants to.
  const heard: string[] = [];
  const stop = followPreferences(home, (key, value) => heard.push(`${key}=${value}`));
  setPreference(home, 'theme', 'light');
  setPreference(join(home, 'other'), 'theme', 'dark');
  stop();
  setPreference(home, 'theme', 'dark');
  expect(heard).toEqual(['theme=light']);
});
