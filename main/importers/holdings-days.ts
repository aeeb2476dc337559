/** Days of a holdings file: the one it is of, or several, each a snapshot once the person says that each is told whole. */
import { readDay } from './brokers/days.ts';
import { HedgerowError } from '../contract/errors.ts';
import { formatIsoDay, type EpochDay } from '../contract/units.ts';
import type { TablePlan } from './detection.ts';
import type { SampleRow } from './sample.ts';
import type { HoldingLine, HoldingsOfDay } from './staged.ts';

/** Asks for the day of a file that tells none. */
export const askAsOf = (file: string): HedgerowError =>
  new HedgerowError(
    'ambiguous',
    `${file}: the file does not say of which day the holdings are`,
    'Name the day: --known-as-of YYYY-MM-DD.',
    {
      file,
      flag: '--known-as-of',
      options: [],
    },
  );

/** A day in words or figures, null for figures of which either could be the month. */
function plainDay(told: string): EpochDay | null {
  const [, first = 0, second = 0] = /^(\d{1,2})[/-](\d{1,2})[/-]/.exec(told) ?? [];
  if (Number(first) <= 12 && Number(second) <= 12 && first !== second) return null;
  return readDay(told.replace(/^(\d{1,2})[-/. ]([A-Za-z]{3,9})[-/. ](?=\d{4})/, '$2-$1-'));
}

/**
 * The day that lines above the header say the holdings are of: `Fund Holdings as of, "Jun 28, 2024"`, `As of 28-Jun-2024`. Null where they say
 * none or several, or where day and month could be meant the other way round.
 */
export function titleDayOf(rows: readonly SampleRow[]): TablePlan['titleDay'] {
  const told = rows.flatMap(({ line, cells }) =>
    Array.from(cells.join(' ').matchAll(/\bas (?:of|at)\b[:\s]*(?=(.{0,40}))/gi), ([, rest]) => ({
      line,
      day: plainDay(rest!),
      dated: /^\d/.test(rest!),
    })),
  );
  const found = told.filter(({ day, dated }) => day !== null || dated);
  const day = found[0]?.day ?? null;
  return day !== null && found.every((one) => one.day === day) ? { day, line: found[0]!.line } : null;
}

/** What is said where another day is named than that of the file, from which its holdings are known. */
export const otherDay = (own: EpochDay, stated: EpochDay): { readonly reason: string; readonly fix: string } => ({
  reason: `the file is of ${formatIsoDay(own)}, not ${formatIsoDay(stated)}`,
  fix: 'The day in the file was taken.',
});

/** What a file with several days is refused with; `days`: each with the first line of it. */
export function severalDays(days: ReadonlyMap<EpochDay, number>): { readonly reason: string; readonly fix: string } {
  const told = [...days].map(([day, line]) => `${formatIsoDay(day)} (line ${line})`);
  return {
    reason: `the positions are of ${days.size} days: ${told.slice(0, 5).join(', ')}`,
    fix: 'A snapshot has one day. If each of these days is told whole, read it with --each-day; else correct the days, or split the file.',
  };
}

/**
 * The lines of each day, oldest first; those of none, headings and notes, go with the last one. A day none of whose lines could be read is no
 * day: their errors say so. Undefined where that is all of them.
 */
export function daysOf(lines: readonly HoldingLine[]): HoldingsOfDay[] | undefined {
  const held = lines.flatMap(({ asOf, disposition }) => (asOf === undefined || disposition === 'total' ? [] : asOf));
  const days = [...new Set(held)].sort((a, b) => a - b);
  if (days.length === 0) return undefined;
  const parts = new Map(days.map((day): [EpochDay, HoldingLine[]] => [day, []]));
  const last = parts.get(days.at(-1)!)!;
  for (const line of lines) (line.asOf === undefined ? last : (parts.get(line.asOf) ?? last)).push(line);
  return [...parts].map(([asOf, own]) => ({ asOf, lines: own }));
}

/** What to do about a file that holds nothing. */
export const NOTHING_HELD =
  'Check that this is the export of positions and that its layout has not changed. An account that was emptied is told by its cash, 0 included.';

/** Said of a total that is of none of the days. */
export const TOTAL_OF_NO_DAY = {
  reason: 'the total is of none of the days, so it was compared with nothing',
  fix: 'Give its line the day it is of.',
} as const;
