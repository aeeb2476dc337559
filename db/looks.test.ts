import { expect, it } from 'vitest';
import type { EpochDay } from '../main/contract/units.ts';
import { commitBatch, dismissFinding, insertLook, latestLook, listFindings, type KeyedFinding, type Workspace } from './index.ts';
import { freshWorkspace, meta } from './testing/workspace.ts';

const finding = (change: Partial<KeyedFinding> = {}): KeyedFinding => ({
  severity: 'warning',
  code: 'jump',
  subject: 'AAA',
  day: 100 as EpochDay,
  message: 'moved',
  detail: { asIs: 0.6 },
  key: 'jump/AAA',
  days: [100],
  ...change,
});
const look = (ws: Workspace, ...findings: KeyedFinding[]): number =>
  insertLook(ws, { lookedAt: 't', revision: 1, knownAsOf: 200 as EpochDay, version: 'v', summary: { n: findings.length } }, findings);
const shown = (ws: Workspace) => listFindings(ws).filter((row) => row.lookId === latestLook(ws)?.lookId);

it('a finding seen again keeps its number and its dismissal; one not seen again is no longer in force', () => {
  const ws = freshWorkspace();
  look(ws, finding(), finding({ key: 'gap/AAA', code: 'gap' }));
  const [jump] = shown(ws);
  dismissFinding(ws, jump!.findingId, 'a real move');
  look(ws, finding({ message: 'moved 60 %' }));
  expect(shown(ws)).toHaveLength(1);
  expect(shown(ws)[0]).toMatchObject({ findingId: jump!.findingId, dismissedReason: 'a real move', message: 'moved 60 %' });
  expect(latestLook(ws)).toMatchObject({ lookId: 2, summary: { n: 1 } });
});

it('a dismissed finding comes back when a day is added or it becomes worse, not when a day is gone', () => {
  const reopened = (change: Partial<KeyedFinding>): boolean => {
    const ws = freshWorkspace();
    look(ws, finding({ days: [100, 101] }));
    dismissFinding(ws, shown(ws)[0]!.findingId, 'known');
    look(ws, finding({ days: [100, 101], ...change }));
    return shown(ws)[0]!.dismissedReason === null;
  };
  expect(reopened({})).toBe(false);
  expect(reopened({ days: [101] })).toBe(false);
  expect(reopened({ severity: 'info' })).toBe(false);
  expect(reopened({ days: [100, 101, 102] })).toBe(true);
  expect(reopened({ severity: 'error' })).toBe(true);
});

it('takes over the dismissal of what an import noticed in the same words of code, subject and day', () => {
  const ws = freshWorkspace();
  const { key: _, days: __, ...plain } = finding();
  commitBatch(ws, meta(), (writer) => writer.findings([plain]));
  dismissFinding(ws, 1, 'checked against the exchange');
  look(ws, finding());
  expect(shown(ws)[0]).toMatchObject({ findingId: 2, dismissedReason: 'checked against the exchange' });
});
