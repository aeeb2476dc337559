/**
 * `npm start`: builds the application when its sources changed, then opens it. The Electron window is the product; where its
 * runtime is absent and cannot be fetched within 20 s, the browser shell serves the same screens, and one line says why.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const say = (line: string): void => void process.stderr.write(`hedgerow: ${line}\n`);

/** Digest of everything the build reads, so that an unchanged tree starts without building. */
function sourceDigest(): string {
  const hash = createHash('sha256');
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (!/\.test\.ts$|\.md$/.test(entry.name)) hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  for (const folder of ['main', 'db', 'renderer', 'resources']) visit(join(root, folder));
  for (const file of ['package-lock.json', 'electron.config.ts']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function build(): void {
  const stamp = join(dist, '.sources');
  const digest = sourceDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  say('building the application (a few seconds)');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const done = spawnSync(process.execPath, [vite, 'build', '--app', '--logLevel', 'warn', '--config', 'electron.config.ts'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (done.status !== 0) {
    say('the build failed; the lines above say where');
    process.exit(1);
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, digest);
}

/** Path of an Electron executable, or the reason why there is none. */
function electron(): { path: string } | { reason: string } {
  const name =
    process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (given) {
    const path = join(given, name);
    return existsSync(path) ? { path } : { reason: `ELECTRON_OVERRIDE_DIST_PATH has no ${name}` };
  }
  const own = join(root, 'node_modules', 'electron', 'dist', name);
  if (existsSync(own)) return { path: own };
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  if (!existsSync(installer)) return { reason: 'the electron package is not installed' };
  say('fetching the Electron runtime (at most 20 s)');
  const done = spawnSync(process.execPath, [installer], { cwd: root, stdio: 'ignore', timeout: 20_000 });
  if (done.status === 0 && existsSync(own)) return { path: own };
  return { reason: done.signal ? 'its runtime did not arrive within 20 s' : 'its runtime could not be fetched' };
}

function open(command: string, args: readonly string[]): void {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

build();
const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
const runtime = process.argv.includes('--browser')
  ? { reason: 'asked for with --browser' }
  : display
    ? electron()
    : { reason: 'there is no display' };
if ('path' in runtime) {
  const asRoot = process.getuid?.() === 0;
  if (asRoot) say("running as root: Chromium's sandbox is off in this session");
  open(runtime.path, [dist, ...(asRoot ? ['--no-sandbox'] : [])]);
} else {
  say(`opening in the browser shell: ${runtime.reason}`);
  open(process.execPath, [join(dist, 'browser-shell.cjs')]);
}
