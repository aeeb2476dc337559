/** The renderer's built files. Only names found when the shell started are served, so no path can lead elsewhere. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

export interface Asset {
  readonly type: string;
  read(): Promise<Uint8Array>;
}

/** Every servable file of `folder` by its URL path; `/` is index.html. Files of other types are left out. */
export function listAssets(folder: string): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  const visit = (inside: string): void => {
    for (const entry of readdirSync(join(folder, inside), { withFileTypes: true })) {
      const name = `${inside}/${entry.name}`;
      if (entry.isDirectory()) visit(name);
      const type = TYPES[extname(entry.name)];
      if (entry.isFile() && type) assets.set(name, { type, read: () => readFile(join(folder, name)) });
    }
  };
  visit('');
  const index = assets.get('/index.html');
  if (index) assets.set('/', index);
  return assets;
}
