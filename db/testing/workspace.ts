/** Real workspaces in the system's temporary folder, for tests. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach } from 'vitest';
import type { EpochDay } from '../../main/contract/units.ts';
import { createWorkspace, openWorkspace } from '../index.ts';
import type { BatchMeta, Workspace } from '../index.ts';

const open: Workspace[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const ws of open.splice(0)) ws.close();
  for (const dir of folders.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

/** A path for a workspace that does not exist yet. */
export function freshDir(): string {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'hedgerow-db-'));
  folders.push(parent);
  return path.join(parent, 'test.hedgerow');
}

/** A new workspace, open for writing, closed and removed after the test. */
export function freshWorkspace(dir: string = freshDir()): Workspace {
  const ws = createWorkspace(dir, { softwareVersion: '0.0.0-test' });
  open.push(ws);
  return ws;
}

/** Opens one again; closed after the test. */
export function reopen(dir: string, mode: 'read' | 'write' = 'write'): Workspace {
  const ws = openWorkspace(dir, { mode, softwareVersion: '0.0.0-test' });
  open.push(ws);
  return ws;
}

/** Metadata of a batch, with what a test wants different. */
export function meta(change: Partial<BatchMeta> = {}): BatchMeta {
  return {
    kind: 'prices',
    file: 'prices.csv',
    source: '',
    sha256: '0'.repeat(64),
    bytes: 1,
    importerVersion: '1',
    importedAt: '2026-01-02T03:04:05.000Z',
    importDay: 20_455 as EpochDay,
    counts: { rows: 0, new: 0, unchanged: 0, restated: 0, rejected: 0, rebased: 0, nonSession: 0 },
    report: null,
    options: {},
    ...change,
  };
}
