/** What paths from outside mean: a workspace, or data files. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Paths among command-line words; switches and the application folder itself are none. */
export function pathsIn(argv: readonly string[], cwd: string, appPath: string): string[] {
  return argv
    .slice(1)
    .filter((word) => !word.startsWith('-'))
    .map((word) => resolve(cwd, word))
    .filter((path) => path !== resolve(appPath) && existsSync(path));
}

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Folder of the workspace a path means (the folder, its database, or the file in it that is there to be double-clicked), or null. */
export function workspaceOf(path: string): string | null {
  const folder = isFolder(path) ? path : dirname(path);
  const named = folder === path || basename(path) === 'workspace.db' || path.endsWith('.hedgerow');
  return named && existsSync(join(folder, 'workspace.db')) ? folder : null;
}

const MOST = 500;
const DEEPEST = 3;

/** The files of a folder that is no workspace, as a dropped folder of data files means them; hidden ones and links are left out. */
export function filesIn(folder: string, depth = 0): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isFile()) files.push(path);
    else if (entry.isDirectory() && depth < DEEPEST) files.push(...filesIn(path, depth + 1));
    if (files.length >= MOST) break;
  }
  return files.slice(0, MOST);
}
