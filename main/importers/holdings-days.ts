/** A holdings file whose lines are of several days: a snapshot of each, once the person says that each is told whole. */
import { formatIsoDay, type EpochDay } from '../contract/units.ts';
import type { HoldingLine, HoldingsOfDay } from './staged.ts';

/** What a file with several days is refused with; `days`: each with the first line of it. */
export function severalDays(days: ReadonlyMap<EpochDay, number>): { readonly reason: string; readonly fix: string } {
  const told = [...days].map(([day, line]) => `${formatIsoDay(day)} (line ${line})`);
  return {
    reason: `the positions are of ${days.size} days: ${told.slice(0, 5).join(', ')}`,
    fix: 'A snapshot has one day. If each of these days is told whole, read it with --each-day; else correct the days, or split the file.',
  };
}

/** The lines of each of some days, oldest first; those of none of them, headings and notes, go with the last one. */
export function daysOf(lines: readonly HoldingLine[], days: Iterable<EpochDay>): HoldingsOfDay[] {
  const sorted = [...days].sort((a, b) => a - b);
  const parts = new Map(sorted.map((day): [EpochDay, HoldingLine[]] => [day, []]));
  const last = parts.get(sorted.at(-1)!)!;
  for (const line of lines) (line.asOf === undefined ? last : (parts.get(line.asOf) ?? last)).push(line);
  return [...parts].map(([asOf, own]) => ({ asOf, lines: own }));
}

/** Said of a total that is of none of the days. */
export const TOTAL_OF_NO_DAY = {
  reason: 'the total is of none of the days, so it was compared with nothing',
  fix: 'Give its line the day it is of.',
} as const;
