/** Draws the application's icons from resources/icons/app.svg: `npm run icons`. The PNG files are kept in the repository. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launchChromium } from '../../e2e/shells.ts';

const SIZES = [16, 32, 48, 64, 128, 256, 512, 1024];
const folder = resolve(import.meta.dirname, '..', '..', 'resources', 'icons');

const svg = readFileSync(join(folder, 'app.svg'), 'utf8');
const browser = await launchChromium();
const page = await browser.newPage();
mkdirSync(folder, { recursive: true });
for (const size of SIZES) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  writeFileSync(join(folder, `${size}x${size}.png`), await page.screenshot({ omitBackground: true }));
}
await browser.close();
