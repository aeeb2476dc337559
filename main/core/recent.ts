/** The list of workspaces opened lately; a small JSON file in the home folder. A damaged list is an empty one. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RecentWorkspace } from '../contract/methods.ts';

const KEPT = 12;

interface Entry {
  readonly dir: string;
  readonly openedAt: string;
}

const fileOf = (home: string): string => join(home, 'recent.json');
const shownName = (dir: string): string => basename(dir).replace(/\.hedgerow$/, '');

function entries(home: string): Entry[] {
  try {
    const list = JSON.parse(readFileSync(fileOf(home), 'utf8')) as unknown;
    if (!Array.isArray(list)) return [];
    return (list as Partial<Entry>[]).filter(
      (entry): entry is Entry => typeof entry?.dir === 'string' && typeof entry.openedAt === 'string',
    );
  } catch {
    return [];
  }
}

export function listRecent(home: string, register: (dir: string) => string): RecentWorkspace[] {
  return entries(home).map(({ dir, openedAt }) => ({
    handle: register(dir),
    name: shownName(dir),
    openedAt,
    missing: !existsSync(join(dir, 'workspace.db')),
  }));
}

export function noteOpened(home: string, dir: string, openedAt: string): void {
  const list = [{ dir, openedAt }, ...entries(home).filter((entry) => entry.dir !== dir)].slice(0, KEPT);
  const file = fileOf(home);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.tmp`, JSON.stringify(list, null, 2));
  renameSync(`${file}.tmp`, file);
}
