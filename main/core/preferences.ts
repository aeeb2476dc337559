/** How a person likes the screens: short texts by name in one JSON file of the home folder. A damaged file is an empty one. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HedgerowError } from '../contract/errors.ts';

/** A page that went wrong may not fill the disk. */
const MOST = 200;

type Listener = (key: string, value: string) => void;
/** Of every core of the program, with its home: what is chosen in a window of one workspace holds in those of the others. */
const listeners = new Map<Listener, string>();

/** Tells `listener` of what is set under `home` from now on; answers what ends that. */
export function followPreferences(home: string, listener: Listener): () => void {
  listeners.set(listener, home);
  return () => void listeners.delete(listener);
}

const fileOf = (home: string): string => join(home, 'preferences.json');

export function getPreferences(home: string): Record<string, string> {
  try {
    const stored = JSON.parse(readFileSync(fileOf(home), 'utf8')) as unknown;
    if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return {};
    return Object.fromEntries(Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

export function setPreference(home: string, key: string, value: string): void {
  const all = { ...getPreferences(home), [key]: value };
  if (Object.keys(all).length > MOST) throw new HedgerowError('usage', 'There are too many preferences.', 'Remove some first.');
  const file = fileOf(home);
  mkdirSync(home, { recursive: true });
  writeFileSync(`${file}.tmp`, JSON.stringify(all, null, 2));
  renameSync(`${file}.tmp`, file);
  for (const [listener, of] of listeners) if (of === home) listener(key, value);
}
