/**
 * Putting a verified update in place.
 *
 * A portable copy keeps each version in a folder of its own (`versions/0.2.0`) and the name of the one to start in the file
 * `current`. An update adds a folder and then replaces that one small file: killed at any moment, either the old or the new
 * version starts. The version before stays, to go back to. An installed copy belongs to the system: the verified installer
 * is kept in a private folder and handed to the system.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { HedgerowError } from '../../contract/errors.ts';
import type { Install } from '../environment.ts';
import type { Hooks } from '../session.ts';
import { checkFits, readUpdate, type TrustedKey } from './format.ts';
import { unpackUpdate } from './unpack.ts';

const DRAFT = '.new-';

/** Keys a copy trusts, from its own folder. A damaged list trusts nobody. */
export function trustedKeys(resources: string): TrustedKey[] {
  try {
    const list = JSON.parse(readFileSync(join(resources, 'update-keys.json'), 'utf8')) as unknown;
    if (!Array.isArray(list)) return [];
    return (list as Partial<TrustedKey>[]).filter(
      (entry): entry is TrustedKey => /^[\w.-]{1,40}$/.test(entry?.name ?? '') && typeof entry.key === 'string',
    );
  } catch {
    return [];
  }
}

/** Target name of this copy, as in an update's manifest. */
export const targetOf = (install: Install): string => `${install.kind}-${process.platform}-${process.arch}`;

/** Why no update file can be put in place; null when one can. */
export function whyNot(install: Install | undefined, keys: readonly TrustedKey[]): string | null {
  if (!install) return 'This copy runs from its sources; update those.';
  if (keys.length === 0) return 'This copy was built without an update key; install a new version with its installer.';
  return null;
}

export interface UpdateContext {
  readonly version: string;
  readonly install: Install | undefined;
  readonly keys: readonly TrustedKey[];
  readonly home: string;
}

/** The front of an update file that fits this copy. Rejects with `blocked` or `data`. */
export async function inspectUpdate(file: string, { version, install, keys }: UpdateContext) {
  const reason = whyNot(install, keys);
  if (!install || reason !== null) throw new HedgerowError('blocked', reason ?? '', 'Nothing was changed.');
  const update = await readUpdate(file, keys);
  checkFits(update.manifest, { version, target: targetOf(install) });
  return { update, install };
}

/** Verifies everything and puts it in place. Answers the path of the installer, or null when the next start uses the new version. */
export async function applyUpdate(
  file: string,
  context: UpdateContext,
  hooks: Hooks = {},
): Promise<{ version: string; installer: string | null }> {
  const { update, install } = await inspectUpdate(file, context);
  const { version, files } = update.manifest;
  if (install.kind === 'installer') {
    if (files.length !== 1)
      throw new HedgerowError('data', 'The update file holds no single installer.', 'Get it again. Nothing was changed.');
    const root = join(context.home, 'updates');
    await mkdir(root, { recursive: true, mode: 0o700 });
    for (const old of readdirSync(root)) rmSync(join(root, old), { recursive: true, force: true });
    const folder = await mkdtemp(join(root, DRAFT));
    try {
      await unpackUpdate(file, update, folder, hooks);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    return { version, installer: join(folder, files[0]!.path) };
  }
  const versions = join(install.root, 'versions');
  if (!lstatSync(versions).isDirectory()) throw new HedgerowError('io', 'The versions folder of this copy is a link.', 'Use a whole copy.');
  dropDrafts(versions);
  const draft = await mkdtemp(join(versions, DRAFT));
  try {
    await unpackUpdate(file, update, draft, hooks);
    const place = join(versions, version);
    // From an attempt that was killed before the switch, or a version gone back from.
    if (existsSync(place)) renameSync(place, join(versions, `${DRAFT}${randomBytes(6).toString('hex')}`));
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  setCurrent(install.root, version);
  dropDrafts(versions);
  // The running version and the new one stay.
  for (const old of readdirSync(versions))
    if (old !== version && old !== context.version) rmSync(join(versions, old), { recursive: true, force: true });
  return { version, installer: null };
}

function dropDrafts(versions: string): void {
  for (const name of readdirSync(versions)) if (name.startsWith(DRAFT)) rmSync(join(versions, name), { recursive: true, force: true });
}

function setCurrent(root: string, version: string): void {
  const file = join(root, 'current');
  writeFileSync(`${file}.tmp`, `${version}\n`, { flush: true });
  renameSync(`${file}.tmp`, file);
}
