import { spawn } from 'node:child_process';
import { ELECTRON_DIST } from './shells.ts';

/** Gives Electron a display where there is none (Xvfb); answers what ends it. */
export async function startDisplay(): Promise<(() => void) | undefined> {
  if (!ELECTRON_DIST || process.platform !== 'linux' || process.env.DISPLAY) return undefined;
  // Without -noreset it starts anew whenever its last window closes, and drops who connects meanwhile.
  const display = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  process.env.DISPLAY = await new Promise<string>((resolve, reject) => {
    display.once('error', reject);
    display.stdio[3]?.once('data', (number: Buffer) => resolve(`:${number.toString().trim()}`));
  });
  return () => void display.kill();
}
