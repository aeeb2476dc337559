/** The real starter in a small tree: which shell it opens, with which words, and what it says. The shells are scripts that say how they were called. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseShell } from './choose.ts';
import { sourceDigest, stampOf } from './sources.ts';

const asRoot = process.getuid?.() === 0;

describe.skipIf(process.platform === 'win32')('npm start', () => {
  let root: string;
  const path = (...parts: string[]): string => join(root, ...parts);
  const put = (name: string, text: string, mode = 0o644): void => {
    mkdirSync(join(path(name), '..'), { recursive: true });
    writeFileSync(path(name), text);
    chmodSync(path(name), mode);
  };
  const runtime = (name: string, text = 'echo "electron $*"'): void => put(name, `#!/bin/sh\n${text}\n`, 0o755);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hedgerow-start-'));
    for (const folder of ['main/bootstrap', 'db', 'renderer', 'resources', 'dist']) mkdirSync(path(folder), { recursive: true });
    for (const file of ['start.ts', 'choose.ts', 'sources.ts']) cpSync(join(import.meta.dirname, file), path('main', 'bootstrap', file));
    put('package.json', '{"type":"module"}');
    put('package-lock.json', '{}');
    put('electron.config.ts', '');
    put('dist/browser-shell.cjs', 'console.log("browser shell", process.argv.slice(2).join(" "))');
    writeFileSync(stampOf(root), sourceDigest(root));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function start(env: NodeJS.ProcessEnv, ...words: string[]): { out: string; err: string; status: number | null } {
    const done = spawnSync(process.execPath, [path('main', 'bootstrap', 'start.ts'), ...words], {
      cwd: root,
      encoding: 'utf8',
      timeout: 30_000,
      env: { PATH: process.env.PATH, ...env },
    });
    return { out: done.stdout.trim(), err: done.stderr.trim(), status: done.status };
  }
  const DISPLAY = ':99';
  const sandbox = asRoot ? ' --no-sandbox' : '';
  const notice = asRoot ? "hedgerow: running as root: Chromium's sandbox is off in this session" : '';
  const fetching = 'hedgerow: fetching the Electron runtime (at most 20 s)';
  const because = (reason: string): string => `hedgerow: opening in the browser shell: ${reason}`;

  it('opens the runtime at ELECTRON_OVERRIDE_DIST_PATH, with the files named, and says that root has no sandbox', () => {
    runtime('runtime/electron');
    expect(start({ DISPLAY, ELECTRON_OVERRIDE_DIST_PATH: path('runtime') }, 'a.csv', 'Desk.hedgerow')).toEqual({
      out: `electron ${path('dist')}${sandbox} a.csv Desk.hedgerow`,
      err: notice,
      status: 0,
    });
  });

  it('opens the runtime of the package where it is whole', () => {
    runtime('node_modules/electron/dist/electron');
    put('node_modules/electron/path.txt', 'electron');
    expect(start({ WAYLAND_DISPLAY: 'wayland-0' })).toEqual({ out: `electron ${path('dist')}${sandbox}`, err: notice, status: 0 });
  });

  it('fetches a missing runtime, and opens it when it arrives', () => {
    put('node_modules/electron/package.json', '{"version":"45.4.1"}');
    put(
      'node_modules/electron/install.js',
      `const fs = require('fs'); fs.mkdirSync(__dirname + '/dist'); fs.writeFileSync(__dirname + '/dist/electron', '#!/bin/sh\\necho fetched', { mode: 0o755 }); fs.writeFileSync(__dirname + '/path.txt', 'electron');`,
    );
    put('node_modules/electron/dist-not-there', '');
    expect(start({ DISPLAY })).toEqual({ out: 'fetched', err: [fetching, notice].filter(Boolean).join('\n'), status: 0 });
  });

  it('serves the browser shell, in one line, where a runtime cannot be fetched, and does not wait again at the next start', () => {
    put('node_modules/electron/package.json', '{"version":"45.4.1"}');
    put('node_modules/electron/install.js', 'process.exit(1)');
    expect(start({ DISPLAY }).err).toBe(`${fetching}\n${because('its runtime could not be fetched')}`);
    const again = start({ DISPLAY }, 'Desk.hedgerow');
    expect(again.err).toBe(because('its runtime could not be fetched lately (npm start -- --electron tries again)'));
    expect(again.out).toBe('browser shell Desk.hedgerow');
    expect(start({ DISPLAY }, '--electron').err).toContain(fetching);
    put('node_modules/electron/package.json', '{"version":"45.4.2"}');
    expect(start({ DISPLAY }).err).toContain(fetching);
  });

  it('does not wait for a runtime that does not come, nor takes half of one', () => {
    put('node_modules/electron/package.json', '{"version":"45.4.1"}');
    put(
      'node_modules/electron/install.js',
      `const fs = require('fs'); fs.mkdirSync(__dirname + '/dist', { recursive: true }); fs.writeFileSync(__dirname + '/dist/electron', ''); setInterval(() => {}, 1000);`,
    );
    const { err } = start({ DISPLAY, HEDGEROW_ELECTRON_WAIT: '900' });
    expect(err).toContain(because('its runtime did not arrive within 1 s'));
    expect(existsSync(path('node_modules', 'electron', 'dist', 'electron'))).toBe(true);
    expect(start({ DISPLAY }).err).toContain('opening in the browser shell');
  });

  it('says what is wrong with an override, and does not go looking for another runtime', () => {
    runtime('node_modules/electron/dist/electron');
    put('node_modules/electron/path.txt', 'electron');
    expect(start({ DISPLAY, ELECTRON_OVERRIDE_DIST_PATH: path('nowhere') }).err).toBe(
      because('ELECTRON_OVERRIDE_DIST_PATH has no electron'),
    );
  });

  it('serves the browser shell without a display, on request, and where the package is not installed', () => {
    runtime('runtime/electron');
    expect(start({ ELECTRON_OVERRIDE_DIST_PATH: path('runtime') })).toEqual({
      out: 'browser shell',
      err: because('there is no display'),
      status: 0,
    });
    expect(start({ DISPLAY, ELECTRON_OVERRIDE_DIST_PATH: path('runtime') }, '--browser').err).toBe(because('asked for with --browser'));
    expect(start({ DISPLAY }).err).toBe(because('the electron package is not installed'));
  });

  it('falls back when the window never opens, as on a machine without its libraries', () => {
    runtime('runtime/electron', 'echo "error while loading shared libraries: libgtk-3.so.0" >&2; exit 127');
    const { out, err, status } = start({ DISPLAY, ELECTRON_OVERRIDE_DIST_PATH: path('runtime') });
    expect([out, status]).toEqual(['browser shell', 0]);
    expect(err).toContain(because('the Electron window did not open (it ended with 127)'));
  });

  it('ends as the shell ends', () => {
    put('dist/browser-shell.cjs', 'process.exit(3)');
    expect(start({}, '--browser').status).toBe(3);
  });
});

it('needs no DISPLAY on Windows and macOS', () => {
  const around = { root: '/nowhere', words: [], env: { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' }, say: () => undefined };
  for (const platform of ['win32', 'darwin'] as const)
    expect(chooseShell({ ...around, platform })).toMatchObject({ reason: expect.stringContaining('OVERRIDE') });
});
