/** Finding an installed Chromium-family browser and opening one window of it with a profile of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const ON_PATH = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge-stable', 'microsoft-edge'];
const ON_MAC = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
const ON_WINDOWS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

const runnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Path of a browser: HEDGEROW_BROWSER, else the first installed one; null when there is none. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string | null {
  const candidates: string[] = [];
  if (env.HEDGEROW_BROWSER) candidates.push(env.HEDGEROW_BROWSER);
  if (platform === 'win32') {
    const roots = [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LocalAppData']];
    for (const root of roots) if (root) candidates.push(...ON_WINDOWS.map((path) => join(root, path)));
  } else {
    if (platform === 'darwin') candidates.push(...ON_MAC);
    const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
    for (const name of ON_PATH) candidates.push(...folders.map((folder) => join(folder, name)));
  }
  return candidates.find(runnable) ?? null;
}

/** Why no window can open here; null when one can. */
export function noDisplay(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string | null {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  return null;
}

/** The browser fetches nothing of its own accord, and finds no host but this machine. */
export const LOCKED: readonly string[] = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-features=Translate,OptimizationHints,MediaRouter',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Opens `url` as an application window. The profile folder keeps it apart from the user's own browser. */
export function openBrowser(browser: string, url: string, profile: string): ChildProcess {
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const args = [
    `--app=${url}`,
    `--user-data-dir=${profile}`,
    ...LOCKED,
    '--window-size=1440,900',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  return spawn(browser, args, { stdio: 'ignore' });
}
