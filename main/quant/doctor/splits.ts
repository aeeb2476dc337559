/** Splits missed, applied twice, upside down or on another day; adjusted closes that moved by themselves; distributions that are not listed. */
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { combine } from '../returns/actions.ts';
import { LARGE } from './dividends.ts';
import { nearestSplit, percent, price, rounding, splitWords } from './ratios.ts';
import type { ActionInForce, Diagnosis, Patient, Remedy } from './types.ts';

/** A move beyond this without an action is told. */
const JUMP = 0.5;
/** Two sources tell different stories when their gross returns differ by more than this factor (and rounding). */
const APART = Math.log(1.2);
/** Splits smaller than this drown in an ordinary day's move. */
const TELLING = Math.log(1.2);
/** Close enough to be the same return. */
const ALIKE = 0.1;
/** Without a second source only a jump of this size is taken for a split: below it real moves are more frequent. */
const SUSPECT = Math.log(4);
/** Days on which two sources differ from which on they are of two companies. */
const STRANGERS = 12;
const STRANGER = 0.05;
/** Rows around a listed split that are searched for the one on which the price moved. */
const NEARBY = 5;

const VALUED: ReadonlySet<string> = new Set(['special_dividend', 'spinoff']);

const iso = (day: number): string => formatIsoDay(day as EpochDay);

export interface Moves {
  readonly found: readonly Diagnosis[];
  /** Rows with a return beyond JUMP that nothing above explains, and whether a second source confirms it. */
  readonly jumps: readonly { readonly row: number; readonly value: number; readonly confirmed: boolean }[];
}

/** Everything that raw closes, adjusted closes and the action list say about each other. */
export function examineMoves(patient: Patient): Moves {
  const { axis, close, served, adjusted } = patient;
  const found: Diagnosis[] = [];
  const jumps: { row: number; value: number; confirmed: boolean }[] = [];
  const strangers: number[] = [];
  const byRow = new Map<number, ActionInForce[]>();
  for (const action of patient.actions) {
    const list = byRow.get(action.row);
    if (list) list.push(action);
    else byRow.set(action.row, [action]);
  }
  const effect = { split: 1, income: 0, terminal: NaN };

  for (let row = 1; row < axis.nRows; row++) {
    const [before, now] = [close[row - 1]!, close[row]!];
    const gross = 1 + adjusted[row]!;
    const priced = before > 0 && now > 0;
    const acts = byRow.get(row);
    if (!priced && !(Math.abs(served[row]!) > JUMP)) continue;
    effectOf(acts, effect);
    // Cash and splits are in the return already: they explain no more of it.
    const ended = effect.terminal === effect.terminal || acts?.some(({ type }) => type === 'delisting') === true;
    if (!priced) {
      if (!ended) jumps.push({ row, value: served[row]!, confirmed: false });
      continue;
    }
    const unsplit = (now + effect.income) / before;
    const whole = unsplit * effect.split;
    const slack = rounding(before, now);
    if (gross > 0 && Math.abs(Math.log(gross / whole)) > STRANGER + 2 * slack) strangers.push(row);
    const case_: Case = { patient, row, before, now, unsplit, whole, gross, slack, split: effect.split };
    // Large distributions are judged by `dividends.ts`.
    const large = ended || effect.income * effect.split > LARGE * before;
    const special = effect.split !== 1 || acts?.some(({ type }) => VALUED.has(type)) === true;
    const told = Math.abs(Math.log(effect.split)) >= TELLING ? listedSplit(case_) : large || special ? null : unlisted(case_);
    if (told) found.push(told);
    else if (!large && Math.abs(served[row]!) > JUMP) jumps.push({ row, value: served[row]!, confirmed: gross > 0 });
  }

  // A split that is listed on another day explains the move of its own: one finding, with one repair.
  const moved = new Set(found.flatMap(({ code, rows }) => (code === 'split_day' ? rows : [])));
  const left = found.filter(({ code, row }) => code !== 'split_suspected' || !moved.has(row));
  const open = jumps.filter(({ row }) => !moved.has(row));
  if (strangers.length < STRANGERS) return { found: left, jumps: open };
  // So many differences are no slips of single days: the two sources do not speak of one company.
  const disputed = new Set(strangers);
  const between = new Set(['split_missed', 'adjusted_break', 'distribution_missed', 'adjusted_missed_split', 'split_ratio']);
  const last = strangers.at(-1)!;
  const kept = left.filter(({ code, row }) => !(between.has(code) && disputed.has(row)));
  kept.push({
    code: 'two_companies',
    severity: 'error',
    row: strangers[0]!,
    rows: strangers,
    message: `raw and adjusted closes move differently on ${strangers.length} days from ${iso(axis.days[strangers[0]!]!)} to ${iso(axis.days[last]!)}: the two files mean different companies by this ticker, or one of them is wrong.`,
    advice: 'Import a securities file that says who had the ticker when, or take back the batch that is wrong.',
    remedy: null,
    asIs: served[last]!,
    fixed: patient.raw[last]!,
    sharesFactor: 1,
  });
  return { found: kept, jumps: open.filter(({ row }) => !disputed.has(row)) };
}

function effectOf(acts: readonly ActionInForce[] | undefined, effect: { split: number; income: number; terminal: number }): void {
  const groups = acts
    ?.filter(({ type }) => type !== 'delisting')
    .map((act) => ({ exDay: act.exDay, type: act.type, row: act.row, versions: [{ ...act, known: act.exDay, order: 0, batchId: 0 }] }));
  combine(groups, Number.MAX_SAFE_INTEGER, false, effect);
}

interface Case {
  readonly patient: Patient;
  readonly row: number;
  readonly before: number;
  readonly now: number;
  /** Gross returns: closes and cash without the split, with it, and of the adjusted closes (NaN without). */
  readonly unsplit: number;
  readonly whole: number;
  readonly gross: number;
  readonly slack: number;
  readonly split: number;
}

const far = (a: number, b = 1): number => Math.abs(Math.log(a / b));

function told(case_: Case, one: Pick<Diagnosis, 'code' | 'severity' | 'message' | 'advice' | 'remedy'> & Partial<Diagnosis>): Diagnosis {
  const { row, patient } = case_;
  const asIs = patient.served[row]!;
  return { row, rows: [], asIs, fixed: asIs, sharesFactor: 1, ...one };
}

/** A split is in the list: do the prices know it? */
function listedSplit(case_: Case): Diagnosis | null {
  const { patient, row, unsplit, whole, gross, slack, split } = case_;
  const exDay = patient.actions.find((act) => act.row === row && act.type === 'split')!.exDay;
  const size = far(split);
  const words = splitWords(split);
  const servedRaw = !(gross > 0);
  const voided: Remedy = { kind: 'void_action', exDay, type: 'split' };
  const twice = (): Diagnosis =>
    told(case_, {
      code: 'split_twice',
      severity: servedRaw ? 'error' : 'warning',
      message: `the list has a ${words} split, but the close went from ${price(case_.before)} to ${price(case_.now)}: the closes know nothing of it, or are adjusted for it already.`,
      advice: 'Take the split out of the list, or import closes as they were traded.',
      remedy: voided,
      fixed: servedRaw ? unsplit - 1 : patient.served[row]!,
      sharesFactor: 1 / split,
    });
  if (gross > 0) {
    if (far(gross, whole) < ALIKE + slack) return null;
    if (far(gross, unsplit) < ALIKE + slack) {
      if (far(unsplit) < size / 2) return twice();
      return told(case_, {
        code: 'adjusted_missed_split',
        severity: 'error',
        message: `a ${words} split moved the close from ${price(case_.before)} to ${price(case_.now)}, and the adjusted closes moved with it (${percent(gross - 1)}): they were not adjusted.`,
        advice: 'Use the return from closes and the split on this day, or import adjusted closes that know the split.',
        remedy: { kind: 'adjusted_return', day: patient.axis.days[row]!, value: whole - 1 },
        fixed: whole - 1,
      });
    }
    const implied = nearestSplit(gross / unsplit, 0.01 + slack);
    if (implied === null || far(implied, split) < ALIKE) return null;
    return told(case_, {
      code: 'split_ratio',
      severity: 'warning',
      message: `the list says ${words}, the adjusted closes say ${splitWords(implied)}.`,
      advice: 'Correct the ratio in the list if the adjusted closes are right.',
      remedy: { kind: 'set_action', exDay, type: 'split', value: implied },
      sharesFactor: implied / split,
    });
  }
  const [applied, without, inverse] = [far(whole), far(unsplit), far(unsplit / split)];
  if (applied <= without && applied <= inverse) return null;
  if (inverse < without && inverse < 0.35 * size)
    return told(case_, {
      code: 'split_inverted',
      severity: 'error',
      message: `the list says ${words}, but the close went from ${price(case_.before)} to ${price(case_.now)}: the ratio is upside down.`,
      advice: `Correct it to ${splitWords(1 / split)}.`,
      remedy: { kind: 'set_action', exDay, type: 'split', value: 1 / split },
      fixed: unsplit / split - 1,
      sharesFactor: 1 / (split * split),
    });
  if (without >= 0.4 * size) return null;
  const moved = movedNearby(case_);
  if (moved === null) return twice();
  const day = patient.axis.days[moved]!;
  return told(case_, {
    code: 'split_day',
    severity: 'error',
    message: `the list has a ${words} split here, but the close moved by it on ${iso(day)}.`,
    advice: `Move the split to ${iso(day)}.`,
    remedy: { kind: 'move_action', exDay, type: 'split', value: split, toDay: day },
    fixed: unsplit - 1,
    rows: [row, moved].sort((a, b) => a - b),
  });
}

function movedNearby({ patient, row, split }: Case): number | null {
  const { close, axis, actions } = patient;
  const taken = new Set(actions.filter(({ type }) => type === 'split').map((act) => act.row));
  let best: number | null = null;
  for (let at = Math.max(1, row - NEARBY); at <= Math.min(axis.nRows - 1, row + NEARBY); at++) {
    if (at === row || taken.has(at)) continue;
    const off = far((close[at]! / close[at - 1]!) * split);
    if (off < 0.25 * far(split) && (best === null || Math.abs(at - row) < Math.abs(best - row))) best = at;
  }
  return best;
}

/** Nothing is in the list: should there be something? */
function unlisted(case_: Case): Diagnosis | null {
  const { patient, row, before, now, whole, gross, slack } = case_;
  const day = patient.axis.days[row]!;
  // Words are made when there is something to say: this runs for every row of every security.
  const moved = (): string => `the close went from ${price(before)} to ${price(now)}`;
  if (!(gross > 0)) {
    // One source only. Large moves near a whole ratio are splits more often than not.
    const split = far(whole) >= SUSPECT - slack ? nearestSplit(1 / whole, 0.25) : null;
    if (split === null || !(Math.abs(patient.raw[row]!) > JUMP)) return null;
    return told(case_, {
      code: 'split_suspected',
      severity: 'warning',
      message: `${moved()} without an action: it looks like a ${splitWords(split)} split, and no second source says otherwise.`,
      advice: 'Look it up; add the split if there was one, else dismiss this.',
      remedy: { kind: 'set_action', exDay: day, type: 'split', value: split },
      fixed: whole * split - 1,
      sharesFactor: split,
    });
  }
  const factor = gross / whole;
  if (far(factor) <= APART + 2 * slack) return null;
  if (far(gross) >= far(whole)) {
    const split = nearestSplit(factor, 0.02 + slack);
    return told(case_, {
      code: 'adjusted_break',
      severity: Math.abs(gross - 1) > JUMP ? 'error' : 'warning',
      message: `the adjusted close moved ${percent(gross - 1)}, the close ${percent(whole - 1)}, and no action says why${split === null ? '' : `: a ${splitWords(split)} split was adjusted for that the closes do not have`}.`,
      advice: 'Use the return from the closes on this day, or import corrected adjusted closes.',
      remedy: { kind: 'adjusted_return', day, value: whole - 1 },
      fixed: whole - 1,
    });
  }
  const split = factor >= 1.9 || factor <= 0.87 ? nearestSplit(factor, 0.03 + slack) : null;
  if (split !== null)
    return told(case_, {
      code: 'split_missed',
      severity: 'warning',
      message: `${moved()}, the adjusted close ${percent(gross - 1)}: a ${splitWords(split)} split is missing from the list.`,
      advice: 'Add the split; holdings from before it are scaled by it.',
      remedy: { kind: 'set_action', exDay: day, type: 'split', value: split },
      sharesFactor: split,
    });
  if (factor <= 1) return null;
  const amount = Number(((factor - 1) * now).toPrecision(4));
  return told(case_, {
    code: 'distribution_missed',
    severity: 'info',
    message: `${moved()}, the adjusted close ${percent(gross - 1)}: something worth ${price(amount)} a share was paid out (special dividend or spin-off) that the list does not have.`,
    advice: 'Add it as a special dividend, or import the spin-off; adjusted closes serve meanwhile.',
    remedy: { kind: 'set_action', exDay: day, type: 'special_dividend', value: amount },
  });
}
