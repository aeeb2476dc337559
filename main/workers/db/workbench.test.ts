import { expect, test } from 'vitest';
import { getMeta, insertRun, listRuns, type Workspace } from '../../../db/index.ts';
import { newRun } from '../../../db/testing/run.ts';
import { freshWorkspace } from '../../../db/testing/workspace.ts';
import { PINNED_RUN } from '../meta-keys.ts';
import { deleteRun, pinRun, restoreRun } from './workbench.ts';

const AT = '2026-01-05T18:00:00.000Z';
const state = (ws: Workspace) => ({
  shown: listRuns(ws).map(({ runId, deletedAt }) => [runId, deletedAt]),
  pinned: getMeta(ws, PINNED_RUN),
});

test('a run is deleted, restored or pinned with its entry in the journal, or not at all', () => {
  const ws = freshWorkspace();
  const [first, second] = [insertRun(ws, newRun), insertRun(ws, newRun)].map((number) => `R${number}`);
  pinRun(ws, { runId: first!, at: AT });
  deleteRun(ws, { runId: second!, at: AT });
  const before = state(ws);
  // What stops the entry: a full disk, a process that ends.
  ws.sql.exec("CREATE TEMP TRIGGER stop BEFORE INSERT ON main.journal BEGIN SELECT RAISE(ABORT, 'stopped'); END");
  expect(() => deleteRun(ws, { runId: first!, at: AT })).toThrow('stopped');
  expect(() => restoreRun(ws, { runId: second!, at: AT })).toThrow('stopped');
  expect(() => pinRun(ws, { runId: null, at: AT })).toThrow('stopped');
  expect(state(ws)).toEqual(before);
  ws.sql.exec('DROP TRIGGER stop');
  deleteRun(ws, { runId: first!, at: AT });
  expect(state(ws)).toEqual({ shown: [], pinned: null });
});
