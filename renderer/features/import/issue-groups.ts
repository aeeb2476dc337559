/** The issues of a file by what they mean for the person who reads them. */
import type { Issue } from '../../../main/contract/report.ts';

export const GROUPS = ['rejected', 'restated', 'gaps', 'jumps', 'unknown', 'dates', 'other'] as const;
export type Group = (typeof GROUPS)[number];

export const GROUP_WORDS: Readonly<Record<Group, string>> = {
  rejected: 'Rejected',
  restated: 'Restated',
  gaps: 'Gaps',
  jumps: 'Jumps',
  unknown: 'Unknown names',
  dates: 'Non-session days',
  other: 'Notes',
};

/** An error is a row that was left out, whatever its code. */
export function groupOf({ code, severity }: Pick<Issue, 'code' | 'severity'>): Group {
  if (severity === 'error') return 'rejected';
  if (code.startsWith('restated')) return 'restated';
  if (code === 'gap' || code.includes('gap')) return 'gaps';
  if (code === 'jump') return 'jumps';
  if (code.startsWith('unknown') || code.startsWith('ambiguous')) return 'unknown';
  if (code === 'non_session_day') return 'dates';
  return 'other';
}

/** The rows of each group that has any, in their order. */
export function inGroups<Row extends { readonly group: Group }>(rows: readonly Row[]): ReadonlyMap<Group, Row[]> {
  const groups = new Map<Group, Row[]>();
  for (const row of rows) {
    const list = groups.get(row.group);
    if (list) list.push(row);
    else groups.set(row.group, [row]);
  }
  return groups;
}
