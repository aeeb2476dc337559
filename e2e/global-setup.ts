/** Builds what the specs drive, unpacks a browser where none is installed, makes the first workspace, and gives Electron a display. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findBrowser } from '../main/shell-browser/browser.ts';
import { startDisplay } from './display.ts';
import { makeSeed } from './seed.ts';
import { ELECTRON_DIST, NODE, ROOT, unpackBrowser } from './shells.ts';

export { setUp as default };

async function setUp(): Promise<() => void> {
  if (!process.env.HEDGEROW_E2E_BUILT) {
    const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = [vite, 'build', '--app', '--logLevel', 'warn', '--config', 'electron.config.ts'];
    const { status } = spawnSync(NODE, args, { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) throw new Error('the build failed');
  }
  if (!ELECTRON_DIST) console.log('electron: every spec is skipped, ELECTRON_OVERRIDE_DIST_PATH is not set');
  if (!findBrowser()) await unpackBrowser();
  const removeSeed = makeSeed();
  const stopDisplay = await startDisplay();
  return () => {
    removeSeed();
    stopDisplay?.();
  };
}
