/**
 * `npm start`: builds the application when its sources changed, then opens it in the shell that can be had here (choose.ts),
 * with one line that says why when that is not the Electron window.
 *
 *   npm start -- [--browser | --electron] [FILE …]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chooseShell } from './choose.ts';
import { isBuilt, sourceDigest, stampOf } from './sources.ts';

const root = resolve(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const say = (line: string): void => void process.stderr.write(`hedgerow: ${line}\n`);
/** An Electron that ends with an error so soon never showed a window. */
const TOO_SOON = 5000;

function build(): void {
  const digest = sourceDigest(root);
  if (isBuilt(root, digest)) return;
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
  writeFileSync(stampOf(root), digest);
}

/** Runs a shell to its end; `ended` gets what it ended with, unless it was ended from here. */
function open(command: string, args: readonly string[], ended: (code: number) => void): void {
  const child = spawn(command, args, { cwd: process.env.INIT_CWD ?? process.cwd(), stdio: 'inherit' });
  let told = false;
  const pass = (signal: NodeJS.Signals): void => {
    told = true;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass);
  child.once('error', () => ended(127));
  child.once('exit', (code, signal) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, pass);
    if (told) process.exit(code ?? 0);
    ended(code ?? (signal ? 1 : 0));
  });
}

const words = process.argv.slice(2);
const files = words.filter((word) => word !== '--browser' && word !== '--electron');

function openInBrowserShell(reason: string): void {
  say(`opening in the browser shell: ${reason}`);
  open(process.execPath, [join(dist, 'browser-shell.cjs'), ...files], (code) => process.exit(code));
}

build();
const choice = chooseShell({ root, words, env: process.env, platform: process.platform, say });
if (choice.shell === 'browser') openInBrowserShell(choice.reason);
else {
  const asRoot = process.getuid?.() === 0;
  if (asRoot) say("running as root: Chromium's sandbox is off in this session");
  const started = Date.now();
  open(choice.path, [dist, ...(asRoot ? ['--no-sandbox'] : []), ...files], (code) => {
    if (code !== 0 && Date.now() - started < TOO_SOON) openInBrowserShell(`the Electron window did not open (it ended with ${code})`);
    else process.exit(code);
  });
}
