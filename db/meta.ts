/** Small named JSON values of a workspace: `simulated`, `softwareVersion`, settings of the screens. */
import * as path from 'node:path';
import { all, fromJson, get, run, toJson } from './connection.ts';
import type { Workspace } from './connection.ts';
import { latestVersion, sizeOf } from './inspect.ts';
import { databaseFile } from './files.ts';
import { currentRevision } from './visibility.ts';

/** The value stored under `key`, or undefined. */
export function getMeta(ws: Workspace, key: string): unknown {
  const row = get<{ value: string }>(ws, 'SELECT value FROM meta WHERE key = ?', key);
  return row === undefined ? undefined : fromJson(ws, row.value, `setting ${key}`);
}

/** Stores a JSON value under `key`, replacing what was there. */
export function setMeta(ws: Workspace, key: string, value: unknown): void {
  run(ws, 'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', key, toJson(value));
}

/** All stored values. */
export function allMeta(ws: Workspace): Record<string, unknown> {
  const rows = all<{ key: string; value: string }>(ws, 'SELECT key, value FROM meta ORDER BY key');
  return Object.fromEntries(rows.map(({ key, value }) => [key, fromJson(ws, value, `setting ${key}`)]));
}

export interface StoreInfo {
  /** Name of its folder, without `.hedgerow`. */
  readonly name: string;
  readonly simulated: boolean;
  readonly revision: number;
  /** Batches in force. */
  readonly batches: number;
  readonly schemaVersion: number;
  /** Database and log on disk. */
  readonly bytes: number;
}

/** What the store can say of itself without reading series. */
export function storeInfo(ws: Workspace): StoreInfo {
  const file = databaseFile(ws.dir);
  return {
    name: path.basename(ws.dir).replace(/\.hedgerow$/i, ''),
    simulated: getMeta(ws, 'simulated') === true,
    revision: currentRevision(ws),
    batches: get<{ n: number }>(ws, 'SELECT count(*) AS n FROM batch WHERE undone_revision IS NULL')?.n ?? 0,
    schemaVersion: latestVersion(),
    bytes: sizeOf(file) + sizeOf(`${file}-wal`),
  };
}
