import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { ROOT } from './shells.ts';

test('the screens are under 350 kB, zipped, scripts and styles together', () => {
  const folder = join(ROOT, 'dist', 'renderer');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|css|html)$/.test(name));
  const size = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  expect(files.some((name) => name.endsWith('.js'))).toBe(true);
  expect(size).toBeLessThan(350_000);
});
