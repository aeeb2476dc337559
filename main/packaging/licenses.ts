/** Licences of everything that ships: the production packages, and what of the others the renderer's bundle takes in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that allow shipping in a closed product, with their notice. */
const ALLOWED = /^(MIT|ISC|BSD-2-Clause|BSD-3-Clause|BlueOak-1\.0\.0|Apache-2\.0|0BSD|Unlicense|\(?MIT OR [\w.-]+\)?|[\w.-]+ OR MIT)$/;
/** Development packages whose code ends up in the bundles. */
const BUNDLED = ['svelte', 'esm-env', 'clsx'];

export interface Licence {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}

interface Manifest {
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Walks the production packages of the project at `root`. Throws when a licence is unknown or not allowed. */
export function collectLicences(root: string): Licence[] {
  const found = new Map<string, Licence>();
  const visit = (name: string, from: string): void => {
    const folder = locate(name, from, root);
    if (folder === null || found.has(folder)) return;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const licence = manifest.license ?? 'unknown';
    if (!ALLOWED.test(licence))
      throw new Error(`${name} ${manifest.version} has the licence "${licence}", which is not among the allowed ones`);
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    found.set(folder, { name, version: manifest.version, licence, text });
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency, folder);
  };
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  for (const name of [...Object.keys(own.dependencies ?? {}), ...BUNDLED]) visit(name, root);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Folder of a package as Node finds it from `from`; null when it is not installed. */
function locate(name: string, from: string, root: string): string | null {
  for (let folder = from; folder.startsWith(root); folder = join(folder, '..')) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return path;
    if (folder === root) break;
  }
  return null;
}

export function licencesText(licences: readonly Licence[]): string {
  const rule = '-'.repeat(78);
  return [
    'Hedgerow contains the following packages.',
    '',
    ...licences.map(({ name, version, licence }) => `${name} ${version} (${licence})`),
    ...licences.map(({ name, version, text, licence }) => `\n${rule}\n${name} ${version}\n${rule}\n${text || `Licence: ${licence}`}`),
    '',
  ].join('\n');
}
