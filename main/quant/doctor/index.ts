/** The doctor: what is wrong with the data of one security, and with a day of the whole market. */
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { examineActions } from './dividends.ts';
import { afterTheEnd, badCloses, idleDays, levelBreaks, presenceOf, stalePrices, type Presence } from './prices.ts';
import { percent } from './ratios.ts';
import { examineMoves, type Moves } from './splits.ts';
import type { Diagnosis, Patient } from './types.ts';

export * from './types.ts';
export { holeRows, ownGaps } from './holes.ts';
export { batchMatters } from './prices.ts';
export type { Presence } from './prices.ts';
export { gapFindings } from './prices.ts';
export { lay, makeLaid } from './lay.ts';
export { percent, price, splitWords } from './ratios.ts';

/** Changes whenever other findings can come out of the same data. */
export const DOCTOR_VERSION = 'doctor-3';

export interface Examination {
  readonly diagnoses: readonly Diagnosis[];
  /** null: the security has no price. Its gaps are judged when everybody's are known (`ownGaps`, `gapFindings`). */
  readonly presence: Presence | null;
}

/** Days spelled out in one message. */
const SHOWN = 6;
/** A jump as large as this is more than a remark, also when two sources have it: both may lack a split. */
const LARGE = Math.log(4);

/** Everything but gaps. */
export function examine(patient: Patient): Examination {
  const presence = presenceOf(patient);
  if (presence === null) return { diagnoses: [], presence };
  const moves = examineMoves(patient);
  const levels = levelBreaks(patient);
  const broken = new Set(
    levels.flatMap(({ row, rows, code }) => (code === 'source_level' ? [] : [row, ...rows, ...rows.map((at) => at + 1)])),
  );
  const slips = badCloses(patient);
  const slipped = new Set(slips.flatMap(({ rows }) => rows));
  for (const row of slipped) broken.add(row);
  const found = moves.found.filter(
    ({ row, code }) => !(code === 'split_suspected' && broken.has(row)) && !(code === 'split_missed' && slipped.has(row)),
  );
  return {
    diagnoses: [
      ...found,
      ...jumpFinding(patient, moves, broken),
      ...examineActions(patient),
      ...slips,
      ...levels.filter(({ row, code }) => !(code === 'level_break' && slipped.has(row))),
      ...stalePrices(patient),
      ...idleDays(patient),
      ...afterTheEnd(patient, presence),
    ],
    presence,
  };
}

/** One finding for all moves of a security that nothing explains: thin stocks have dozens. */
function jumpFinding(patient: Patient, { jumps }: Moves, broken: ReadonlySet<number>): Diagnosis[] {
  const { axis, served } = patient;
  const open = jumps.filter(({ row }) => !broken.has(row));
  const doubtful = open.filter(({ confirmed }) => !confirmed);
  if (open.length === 0) return [];
  const told = doubtful.length > 0 ? doubtful : open;
  const largest = told.reduce((a, b) => (size(b.value) > size(a.value) ? b : a));
  const listed = told
    .slice(0, SHOWN)
    .map(({ row, value }) => `${formatIsoDay(axis.days[row]! as EpochDay)} (${percent(value)})`)
    .join(', ');
  const more = told.length > SHOWN ? ` and ${told.length - SHOWN} more` : '';
  const seen = open.length - doubtful.length;
  return [
    {
      code: 'jump',
      severity: open.some(({ value }) => size(value) >= LARGE) ? 'warning' : 'info',
      row: largest.row,
      rows: open.map(({ row }) => row),
      message:
        doubtful.length === 0
          ? `moved by more than 50 % in a day that no action explains, and raw and adjusted closes agree: ${listed}${more}.`
          : `moved by more than 50 % in a day that no corporate action explains: ${listed}${more}${seen > 0 ? `; ${seen} more that two sources agree on` : ''}.`,
      advice: 'Check the price; import the split or other action if there was one.',
      remedy: null,
      asIs: served[largest.row]!,
      fixed: doubtful.length === 0 ? served[largest.row]! : NaN,
      sharesFactor: 1,
    },
  ];
}

const size = (value: number): number => Math.abs(Math.log(Math.max(1 + value, 1e-9)));
