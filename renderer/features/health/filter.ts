/** Which findings are shown, and how many each choice of a filter would show with the other filters as they are. */
import type { Distorts, Finding } from '../../../main/contract/results-health.ts';

export interface FindingFilter {
  /** '' = all. */
  readonly severity: '' | Finding['severity'];
  readonly distorts: '' | Distorts;
  readonly code: string;
  readonly state: 'open' | 'dismissed' | 'all';
  /** Only findings that concern the book. */
  readonly held: boolean;
  readonly text: string;
}

export interface CountedFindings {
  readonly shown: readonly Finding[];
  readonly severities: Readonly<Record<FindingFilter['severity'], number>>;
  readonly distorts: Readonly<Record<FindingFilter['distorts'], number>>;
  /** Most frequent first. */
  readonly codes: readonly (readonly [string, number])[];
  readonly allCodes: number;
  readonly states: Readonly<Record<FindingFilter['state'], number>>;
}

/** Whether a finding concerns a position of the book, or an ETF that chains are made of. */
const concernsBook = ({ effect }: Finding): boolean => effect !== null && (effect.marketValue !== null || effect.usedBy > 0);

export function countFindings(all: readonly Finding[], filter: FindingFilter): CountedFindings {
  const words = filter.text.trim().toLowerCase();
  const tests = {
    severity: (finding: Finding) => filter.severity === '' || finding.severity === filter.severity,
    distorts: (finding: Finding) => filter.distorts === '' || finding.distorts === filter.distorts,
    code: (finding: Finding) => filter.code === '' || finding.code === filter.code,
    state: (finding: Finding) => filter.state === 'all' || (finding.dismissed !== null) === (filter.state === 'dismissed'),
    held: (finding: Finding) => !filter.held || concernsBook(finding),
    text: (finding: Finding) => `${finding.subject} ${finding.message}`.toLowerCase().includes(words),
  };
  const except = (left: keyof typeof tests | null): Finding[] =>
    all.filter((finding) => (Object.keys(tests) as (keyof typeof tests)[]).every((name) => name === left || tests[name](finding)));
  const bySeverity = except('severity');
  const byDistorts = except('distorts');
  const byCode = except('code');
  const byState = except('state');
  const codes = new Map<string, number>();
  for (const { code } of byCode) codes.set(code, (codes.get(code) ?? 0) + 1);
  // A chosen code stays in the list also when the other filters leave none of it.
  if (filter.code !== '' && !codes.has(filter.code)) codes.set(filter.code, 0);
  const of = (severity: Finding['severity']): number => bySeverity.filter((finding) => finding.severity === severity).length;
  const making = (distorts: Distorts): number => byDistorts.filter((finding) => finding.distorts === distorts).length;
  const dismissed = byState.filter((finding) => finding.dismissed !== null).length;
  return {
    shown: except(null),
    severities: { '': bySeverity.length, error: of('error'), warning: of('warning'), info: of('info') },
    distorts: {
      '': byDistorts.length,
      returns: making('returns'),
      value: making('value'),
      coverage: making('coverage'),
      identity: making('identity'),
      nothing: making('nothing'),
    },
    codes: [...codes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
    allCodes: byCode.length,
    states: { open: byState.length - dismissed, dismissed, all: byState.length },
  };
}
