/** Which shell `npm start` opens. The Electron window is the product; the browser shell is for machines where it cannot be had. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long a start may wait for the Electron runtime to arrive; milliseconds. */
const WAIT = 20_000;
/** After a failed attempt the next one is made by a start this much later, so that an offline machine does not wait every time. */
const PAUSE = 24 * 3_600_000;

export type Choice = { readonly shell: 'electron'; readonly path: string } | { readonly shell: 'browser'; readonly reason: string };

export interface Surroundings {
  readonly root: string;
  /** `--browser` and `--electron` force a shell. */
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly say: (line: string) => void;
}

const programName = (platform: NodeJS.Platform): string =>
  platform === 'win32' ? 'electron.exe' : platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';

export function chooseShell(around: Surroundings): Choice {
  const { words, env, platform } = around;
  const browser = (reason: string): Choice => ({ shell: 'browser', reason });
  if (words.includes('--browser')) return browser('asked for with --browser');
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return browser('there is no display');
  const given = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!given) return ownRuntime(around);
  const path = join(given, programName(platform));
  return existsSync(path) ? { shell: 'electron', path } : browser(`ELECTRON_OVERRIDE_DIST_PATH has no ${programName(platform)}`);
}

/** The runtime of the electron package, fetched when it is missing. */
function ownRuntime({ root, words, env, platform, say }: Surroundings): Choice {
  const folder = join(root, 'node_modules', 'electron');
  const path = join(folder, 'dist', programName(platform));
  // The package writes this file last: a runtime without it is half of one.
  if (existsSync(path) && existsSync(join(folder, 'path.txt'))) return { shell: 'electron', path };
  const browser = (reason: string): Choice => ({ shell: 'browser', reason });
  const installer = join(folder, 'install.js');
  if (!existsSync(installer)) return browser('the electron package is not installed');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const note = join(root, '.cache', 'electron-not-fetched');
  if (!words.includes('--electron') && failedLately(note, version))
    return browser('its runtime could not be fetched lately (npm start -- --electron tries again)');
  const wait = Number(env.HEDGEROW_ELECTRON_WAIT) || WAIT;
  say(`fetching the Electron runtime (at most ${Math.ceil(wait / 1000)} s)`);
  const done = spawnSync(process.execPath, [installer], { cwd: root, stdio: 'ignore', timeout: wait, killSignal: 'SIGKILL' });
  if (done.status === 0 && existsSync(path)) {
    rmSync(note, { force: true });
    return { shell: 'electron', path };
  }
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(note, JSON.stringify({ version, at: Date.now() }));
  return browser(done.signal ? `its runtime did not arrive within ${Math.ceil(wait / 1000)} s` : 'its runtime could not be fetched');
}

function failedLately(note: string, version: string): boolean {
  try {
    const last = JSON.parse(readFileSync(note, 'utf8')) as { version?: unknown; at?: unknown };
    const age = Date.now() - Number(last.at);
    return last.version === version && age >= 0 && age < PAUSE;
  } catch {
    return false;
  }
}
