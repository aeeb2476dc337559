/** Builds what the specs drive, and gives Electron a display where there is none. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ELECTRON_DIST, NODE, ROOT } from './shells.ts';

export { setUp as default };

async function setUp(): Promise<(() => void) | void> {
  if (!process.env.HEDGEROW_E2E_BUILT) {
    const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = [vite, 'build', '--app', '--logLevel', 'warn', '--config', 'electron.config.ts'];
    const { status } = spawnSync(NODE, args, { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) throw new Error('the build failed');
  }
  if (!ELECTRON_DIST) console.log('electron: every spec is skipped, ELECTRON_OVERRIDE_DIST_PATH is not set');
  if (!ELECTRON_DIST || process.platform !== 'linux' || process.env.DISPLAY) return;
  const display = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  process.env.DISPLAY = await new Promise<string>((resolve, reject) => {
    display.once('error', reject);
    display.stdio[3]?.once('data', (number: Buffer) => resolve(`:${number.toString().trim()}`));
  });
  return () => void display.kill();
}
