import * as path from 'node:path';
import { expect, it } from 'vitest';
import { HedgerowError } from '../main/contract/errors.ts';
import { OLS_252 } from '../main/contract/settings.ts';
import * as db from './index.ts';
import { newRun } from './testing/run.ts';
import { freshWorkspace } from './testing/workspace.ts';

it('runs are found by number, and hidden when deleted', () => {
  const ws = freshWorkspace();
  expect([db.insertRun(ws, newRun), db.insertRun(ws, newRun)]).toEqual([1, 2]);
  expect(db.getRun(ws, 2)).toEqual({ ...newRun, runId: 2, deletedAt: null });
  db.deleteRun(ws, 2, 'then');
  expect(db.listRuns(ws).map((each) => each.runId)).toEqual([1]);
  expect(db.getRun(ws, 2)?.deletedAt).toBe('then');
  expect(db.getRun(ws, 9)).toBeNull();
  expect(() => db.deleteRun(ws, 2)).toThrow(HedgerowError);
  expect(db.insertRun(ws, newRun)).toBe(3);
});

it.each(["settings = replace(settings, '252', '253')", 'known_as_of = known_as_of + 1', 'revision = 2', "summary = '{}'", "digest = 'e'"])(
  'a run altered to %s is told and not used',
  (change) => {
    const ws = freshWorkspace();
    db.insertRun(ws, newRun);
    db.deleteRun(ws, db.insertRun(ws, newRun));
    ws.sql.exec(`UPDATE run SET ${change} WHERE run_id = 1`);
    expect(() => db.getRun(ws, 1)).toThrow('run R1 does not agree with its checksum');
    expect([db.listRuns(ws), db.damagedRuns(ws).map(({ runId }) => runId)]).toEqual([[], [1]]);
    expect(db.getRun(ws, 2)?.settings).toEqual(OLS_252);
  },
);

it('one damaged run hides no other: it stands apart, with what to do, until it is deleted', () => {
  const ws = freshWorkspace();
  for (let i = 0; i < 3; i++) db.insertRun(ws, newRun);
  ws.sql.exec('UPDATE run SET settings = substr(settings, 2) WHERE run_id = 2');
  expect(db.listRuns(ws).map(({ runId }) => runId)).toEqual([1, 3]);
  expect(db.runNumbers(ws).map(({ runId }) => runId)).toEqual([1, 2, 3]);
  const [damaged, ...others] = db.damagedRuns(ws);
  expect(others).toEqual([]);
  expect(damaged).toMatchObject({ runId: 2, createdAt: newRun.createdAt, error: { data: { code: 'workspace_damaged' } } });
  expect(damaged!.error.data.action).toMatch(/^Delete R2; .*There is no backup/);
  const backup = db.backupWorkspace(ws);
  expect(db.damagedRuns(ws)[0]!.error.data.action).toContain(
    `restore a backup of before the damage; the newest is backups/${path.basename(backup)}.`,
  );
  db.deleteRun(ws, 2);
  expect(db.damagedRuns(ws)).toEqual([]);
  // An order set of it may still ask.
  expect(() => db.getRun(ws, 2)).toThrow(
    expect.objectContaining({ data: expect.objectContaining({ action: expect.stringMatching(/^Use another run; /) }) }),
  );
});
