/** The watched folder (opt-in): which one, and which of its files are not imported yet. Nothing is read from it unasked. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { WaitingFile, WatchView } from '../../contract/results-workbench.ts';
import type { Files } from '../files.ts';
import type { Session } from '../session.ts';

const KEY = 'watchedFolder';
/** Of a workspace, for shells that have no dialog to choose a folder with. */
const INBOX = 'inbox';
const READABLE = /\.(csv|tsv|txt|xml|json|ofx|qfx|xlsx)(\.gz)?$/i;
const MOST = 200;

async function folderOf(session: Session): Promise<string | null> {
  const { meta } = await session.reader.call('state', null);
  const stored = meta[KEY];
  if (typeof stored !== 'string' || stored === '') return null;
  return stored === INBOX ? join(session.dir, INBOX) : stored;
}

export async function setWatch(session: Session, folder: { inbox: true } | { path: string } | null): Promise<void> {
  if (folder !== null && 'inbox' in folder) mkdirSync(join(session.dir, INBOX), { recursive: true });
  await session.writer.call('setMeta', { key: KEY, value: folder === null ? '' : 'inbox' in folder ? INBOX : folder.path });
}

export async function getWatch(session: Session): Promise<WatchView> {
  const folder = await folderOf(session);
  if (folder === null) return { folder: null };
  const inbox = folder === join(session.dir, INBOX);
  return { folder: { name: inbox ? `${INBOX} of ${basename(session.dir)}` : basename(folder), inbox, missing: !existsSync(folder) } };
}

/** Files of the watched folder, by name, whose content no batch in force was made from. */
export async function waitingFiles(session: Session, files: Files): Promise<WaitingFile[]> {
  const folder = await folderOf(session);
  if (folder === null || !existsSync(folder)) return [];
  const known = new Set((await session.reader.call('batches', null)).filter((batch) => !batch.undone).map((batch) => batch.sha256));
  const waiting: WaitingFile[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isFile() || entry.name.startsWith('.') || !READABLE.test(entry.name) || waiting.length >= MOST) continue;
    const path = join(folder, entry.name);
    if (known.has(await contentHash(path))) continue;
    waiting.push({ handle: files.registerPath(path), name: entry.name, bytes: statSync(path).size });
  }
  return waiting;
}

/** Hashes of files that did not change since they were hashed. */
const hashed = new Map<string, { readonly stamp: string; readonly sha256: string }>();

async function contentHash(path: string): Promise<string> {
  const { size, mtimeMs } = statSync(path);
  const stamp = `${size} ${mtimeMs}`;
  const held = hashed.get(path);
  if (held?.stamp === stamp) return held.sha256;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const sha256 = hash.digest('hex');
  hashed.set(path, { stamp, sha256 });
  return sha256;
}
