/** Whether the built application is that of the present sources. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the digest of the last build is kept. */
export const stampOf = (root: string): string => join(root, 'dist', '.sources');

/** Digest of everything the build reads, so that an unchanged tree starts without building. */
export function sourceDigest(root: string): string {
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

export function isBuilt(root: string, digest: string): boolean {
  const stamp = stampOf(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}
