/** The page of attacks speaks of tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');

it('every attack on the page names a test that is there', () => {
  const rows = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1);
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) {
    const named = [
      ...row
        .split(' | ')
        .at(-1)!
        .matchAll(/`([\w/.-]+)`: ([^;|]+?)(?=;| \|)/g),
    ];
    expect(named, row).not.toEqual([]);
    for (const [, file, title] of named) {
      expect(existsSync(join(ROOT, file!)), file).toBe(true);
      expect(readFileSync(join(ROOT, file!), 'utf8'), row).toContain(title);
    }
  }
});
