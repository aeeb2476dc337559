/** Two runs, field by field. */
import type { RunSummary } from '../../../main/contract/results.ts';
import { deviation, milliseconds, signed, whole } from '../../lib/format.ts';
import { settingKeys, settingName, settingWord } from '../../lib/settings-words.ts';

export interface ComparedRow {
  readonly what: string;
  readonly first: string;
  readonly second: string;
  readonly differs: boolean;
  /** Second less first, for counts. */
  readonly change: string | null;
}

/** Everything two summaries state; the time they took is stated but is no difference. */
export function compareRuns(first: RunSummary, second: RunSummary): ComparedRow[] {
  const text = (what: string, value: (run: RunSummary) => string): ComparedRow => {
    const [a, b] = [value(first), value(second)];
    return { what, first: a, second: b, differs: a !== b, change: null };
  };
  const count = (what: string, value: (run: RunSummary) => number): ComparedRow => {
    const [a, b] = [value(first), value(second)];
    return { what, first: whole(a), second: whole(b), differs: a !== b, change: a === b ? null : signed(b - a, 0) };
  };
  return [
    ...settingKeys(first.lineage.settings, second.lineage.settings).map((key) =>
      text(`setting: ${settingName(key)}`, (run) => settingWord(run.lineage.settings[key])),
    ),
    text('known as of', (run) => run.lineage.knownAsOf),
    text('data as of', (run) => run.lineage.dataAsOf),
    text('first day', (run) => run.firstDay),
    text('last day', (run) => run.lastDay),
    text('software', (run) => run.lineage.softwareVersion),
    count('revision of the data', (run) => run.lineage.revision),
    count('securities', (run) => run.securities),
    count('rows', (run) => run.rows),
    ...['no level', 'level 1', 'level 2', 'level 3'].map((name, i) => count(`rows, deepest ${name}`, (run) => run.rowsByLevel[i] ?? 0)),
    count('rows that failed an identity', (run) => run.checks.failedRows),
    count('collinear rows', (run) => run.checks.collinearRows),
    text('worst additivity', (run) => deviation(run.checks.worstAdditivity)),
    text('worst replication', (run) => deviation(run.checks.worstReplication)),
    text('fingerprint', (run) => run.fingerprint),
    text('digest', (run) => run.digest),
    { ...text('time', (run) => milliseconds(run.milliseconds.total)), differs: false },
  ];
}
