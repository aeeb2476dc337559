/** One instance per workspace: a lock file that names its owner, created atomically, taken over when the owner is gone. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { randomBytes } from 'node:crypto';
import { HedgerowError } from '../main/contract/errors.ts';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the owner's process began, as the system tells it ('' where it cannot): a later process with the same pid is another one. */
  readonly started: string;
  /** Random per lock: only who wrote it removes it. */
  readonly token: string;
  readonly since: string;
}

/**
 * Takes the lock of a workspace folder; answers the function that frees it. Throws `workspace_locked` naming the holder.
 * `token` names who asks: a lock under the same token was left by an earlier life of the same worker thread, which can only
 * be gone (its process lives on, so its process id does not tell).
 */
export function acquireLock(dir: string, token = randomBytes(16).toString('hex')): () => void {
  const file = path.join(dir, 'lock');
  const mine: Owner = {
    pid: process.pid,
    host: os.hostname(),
    started: processStart(process.pid),
    token,
    since: new Date().toISOString(),
  };
  for (let attempt = 0; ; attempt++) {
    if (create(file, mine)) break;
    const text = readSettled(file);
    if (text === null) continue;
    const owner = parse(text);
    if (attempt >= 40 || (owner !== null && owner.token !== token && !isGone(owner))) throw locked(owner);
    removeDead(file, text);
  }
  const release = () => {
    process.off('exit', release);
    const owner = parse(readText(file) ?? '');
    if (owner?.token === mine.token) fs.rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

function locked(owner: Owner | null): HedgerowError {
  const who = owner === null ? 'another instance of Hedgerow' : `process ${owner.pid} on ${owner.host} since ${owner.since}`;
  const action =
    owner !== null && owner.host !== os.hostname()
      ? `Close Hedgerow on ${owner.host}. If that computer is no longer running it, delete the file "lock" in the workspace folder.`
      : 'Close the other window or command and try again.';
  return new HedgerowError(
    'workspace_locked',
    `The workspace is open in ${who}.`,
    action,
    owner === null ? undefined : { pid: owner.pid, host: owner.host },
  );
}

/** False when there is a lock. It appears with its whole text at once: one that is seen half written could be taken for a dead one's. */
function create(file: string, owner: Owner): boolean {
  if (fs.existsSync(file)) return false;
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    write(draft, owner);
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EISDIR'].includes(code ?? '')) throw error;
    return createWithoutLinks(file, owner);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** On a drive that has no links, a memory stick for instance. */
function createWithoutLinks(file: string, owner: Owner): boolean {
  try {
    write(file, owner);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function write(file: string, owner: Owner): void {
  const handle = fs.openSync(file, 'wx', 0o600);
  try {
    fs.writeFileSync(handle, JSON.stringify(owner));
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** The lock's text; a file just created on a drive without links is given a moment to be filled. Null when it is gone. */
function readSettled(file: string): string | null {
  for (let wait = 0; ; wait++) {
    const text = readText(file);
    if (text === null || parse(text) !== null || wait === 20) return text;
    pause();
  }
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Removes a dead lock, one process at a time: were two to do it at once, the slower one could remove the lock the quicker
 * one has just made. The guard lives for an instant; one left by a crash is dropped after ten seconds.
 */
function removeDead(file: string, text: string): void {
  const guard = `${file}.takeover`;
  try {
    fs.closeSync(fs.openSync(guard, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const made = fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (made !== 0 && Date.now() - made > 10_000) fs.rmSync(guard, { force: true });
    pause();
    return;
  }
  try {
    if (readText(file) === text) fs.rmSync(file, { force: true });
  } finally {
    fs.rmSync(guard, { force: true });
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
}

function parse(text: string): Owner | null {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    if (typeof owner?.pid !== 'number' || typeof owner.host !== 'string' || typeof owner.token !== 'string') return null;
    const { pid, host, token, started, since } = owner;
    return { pid, host, token, started: started ?? '', since: since ?? 'an unknown time' };
  } catch {
    return null;
  }
}

/** Whether the owner is certainly no longer running; another computer's processes cannot be asked, so they never are. */
function isGone(owner: Owner): boolean {
  if (owner.host !== os.hostname()) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const started = processStart(owner.pid);
  return owner.started !== '' && started !== '' && owner.started !== started;
}

/** Boot and start time of a process (Linux); '' elsewhere. */
function processStart(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    // The name in parentheses may hold spaces; the start time is field 22, the 20th after it.
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return '';
  }
}
