/** Gathers what an importer finds line by line and ends in a snapshot: lots, totals, the day. `judge.ts` judges each line by itself. */
import type { HedgerowError } from '../../contract/errors.ts';
import type { ImportOptions } from '../../contract/report.ts';
import { formatIsoDay, parseIsoDay, type EpochDay } from '../../contract/units.ts';
import { isPercent, nounOf, type Measure } from '../holdings-measure.ts';
import { totalOf, withValues } from '../holdings-weights.ts';
import { askAsOf, daysOf, NOTHING_HELD, otherDay, severalDays, TOTAL_OF_NO_DAY } from '../holdings-days.ts';
import { lotsSaid } from '../holdings-sums.ts';
import { fileError, reportRepeat, type IssueCollector, type Severity } from '../issues.ts';
import type { Outcome } from '../reader.ts';
import type { AsOfFrom, Decimal, Disposition, HoldingLine, HoldingPosition, Instrument, LineDetail, ParseContext } from '../staged.ts';
import { readDay } from './days.ts';
import { amountOf, FIELD_OF, judge } from './judge.ts';
import type { Facts, Field } from './types.ts';

const MAX_LINES = 200_000;

/** A line and what the end of the file still has to know about it. */
interface Draft {
  line: HoldingLine;
  readonly kind: Instrument | null;
  /** Signed value in the file's money; NaN when unknown. */
  readonly value: number;
  readonly assetClass: string;
  readonly lotOf: string;
  readonly lot: boolean;
}

interface Total {
  readonly line: number;
  readonly stated: number;
  readonly what: string;
  readonly members: (held: Held) => boolean;
  /** Of a file with several days. */
  readonly asOf: EpochDay | null;
}

/** A holding as totals choose it. */
export interface Held {
  readonly position: HoldingPosition;
  readonly kind: Instrument;
  readonly assetClass: string;
}

const money = (value: number): string => value.toFixed(2);

export class Book {
  readonly file: string;
  readonly log: IssueCollector;
  readonly #options: ImportOptions;
  readonly #context: ParseContext;
  readonly #drafts: Draft[] = [];
  readonly #totals: Total[] = [];
  readonly #pending: { readonly account: string; readonly value: number }[] = [];
  readonly #wrappers: Facts[] = [];
  readonly #days = new Map<EpochDay, { readonly line: number; readonly from: AsOfFrom }>();
  #rows = 0;
  #rejected = 0;
  /** Part of a value it may differ from quantity times price. */
  tolerance = 0.005;
  /** Of the file's numbers; brokers' own exports all have a point. */
  decimal: '.' | ',' = '.';
  /** What positions are told by, and the heading of its column as written. */
  measure: Measure = 'quantity';
  heading = '';
  /** A weight has a sign of per cent. */
  #percent = false;
  readonly #weights = new Map<HoldingLine, Decimal>();
  /** Lines of a table in the very cells of an earlier one, with the first of these. */
  readonly repeats = new Map<number, number>();
  /** Labels of the header, for the report. */
  header: readonly string[] = [];
  unused: readonly string[] = [];

  constructor(file: string, log: IssueCollector, options: ImportOptions, context: ParseContext) {
    this.file = file;
    this.log = log;
    this.#options = options;
    this.#context = context;
  }

  /** A fault of the whole file. */
  refuse(code: string, reason: string, fix: string, line = 0): HedgerowError {
    return fileError(this.file, code, { reason, fix }, line);
  }

  issue(severity: Severity, code: string, line: number, reason: string, fix: string, found?: string, column = 0): void {
    this.log.add(severity, code, line, column, () => ({ ...(found === undefined ? {} : { found }), reason, fix }));
  }

  /** A line that holds no position. */
  line(line: number, disposition: Disposition, detail?: LineDetail, reason = ''): void {
    this.#push({ line, disposition, ...(detail === undefined ? {} : { detail }), reason, position: null });
  }

  #push(line: HoldingLine, rest: Omit<Draft, 'line'> = { kind: null, value: 0, assetClass: '', lotOf: '', lot: false }): void {
    if (this.#drafts.length >= MAX_LINES)
      throw this.refuse('too_many_rows', `the file has more than ${MAX_LINES} lines`, 'Split it by account or by day.', line.line);
    this.#drafts.push({ line, ...rest });
  }

  /** A line that should have been a position. */
  fail(facts: Facts, field: Field, code: string, reason: string, fix: string, severity: Severity = 'error'): null {
    this.issue(severity, code, facts.line, reason, fix, facts[field] ?? '', facts.columns?.[field] ?? 0);
    return null;
  }

  reject(line: number, code: string, reason: string, fix: string, found?: string): void {
    this.issue('error', code, line, reason, fix, found);
    this.#rows++;
    this.#rejected++;
    this.line(line, 'error', undefined, reason);
  }

  /** The day of the holdings; the same day may be found in several places. */
  day(day: EpochDay | null, from: AsOfFrom, line: number): void {
    if (day !== null && !this.#days.has(day)) this.#days.set(day, { line, from });
  }

  get dated(): boolean {
    return this.#days.size > 0;
  }

  /** A total of the file: compared at the end with the sum of its members. */
  total(facts: Facts, what: string, members: (held: Held) => boolean = () => true): void {
    const value = amountOf(this, facts, 'value', 'warning');
    const asOf = this.#options.eachDay && facts.asOf ? readDay(facts.asOf.trim()) : null;
    this.#push({ line: facts.line, disposition: 'total', reason: what, position: null, ...(asOf === null ? {} : { asOf }) });
    if (value) this.#totals.push({ line: facts.line, stated: value.value, what, members, asOf });
  }

  /** Money on its way: listed, no part of the snapshot. */
  pending(facts: Facts): void {
    const value = amountOf(this, facts, 'value', 'warning');
    this.#rows++;
    this.#pending.push({ account: facts.account ?? '', value: value?.value ?? 0 });
    this.line(facts.line, 'note', 'pending', `pending: ${value?.text ?? 'no amount'}`);
  }

  /** A line that stands for another account as a whole. */
  wrapper(facts: Facts): void {
    this.#rows++;
    this.#wrappers.push(facts);
    this.line(facts.line, 'ignored', 'wrapper', 'stands for another account: its positions count there');
  }

  /** A holding: position, cash, or an error when its line contradicts itself. */
  hold(facts: Facts): void {
    this.#rows++;
    const errors = this.log.errors;
    const held = judge(this, facts);
    if (this.log.errors > errors || held === null) {
      this.#rejected++;
      this.line(facts.line, 'error', undefined, 'see the issues of this line');
      return;
    }
    const { position, kind, value, asOf } = held;
    const noun = nounOf(this.measure);
    const own = asOf === null ? {} : { asOf };
    if (kind !== 'cash' && held.held.value === 0) {
      this.fail(facts, FIELD_OF[this.measure], 'zero_quantity', `the ${noun} is 0`, 'Nothing to do: nothing is held.', 'info');
      this.#push({ line: facts.line, disposition: 'ignored', detail: 'zero', reason: `${noun} 0`, position: null, ...own });
      return;
    }
    const disposition = kind === 'cash' || kind === 'money_fund' ? 'cash' : 'position';
    const lotOf = JSON.stringify([
      position.account,
      kind,
      position.symbol?.code,
      position.currency,
      ...(this.#options.eachDay ? [asOf] : []),
    ]);
    const rest = { kind, value, assetClass: facts.assetClass ?? '', lotOf, lot: facts.lot === true };
    const line: HoldingLine = { line: facts.line, disposition, detail: kind, reason: '', position, ...own };
    if (this.measure === 'weight') this.#weights.set(line, held.held);
    this.#percent ||= isPercent(facts.weight ?? '');
    this.#push(line, rest);
  }

  /** Ends the file: lots, totals, day. Throws when there is neither a position nor cash, to which accounts are emptied, or several days. */
  finish(byName: EpochDay | null): Outcome {
    const seen = new Set(this.#drafts.flatMap(({ kind, lot, lotOf }) => (kind !== null && !lot ? [lotOf] : [])));
    for (const draft of this.#drafts) {
      if (!draft.lot || !seen.has(draft.lotOf)) continue;
      const { line } = draft.line;
      draft.line = { line, disposition: 'note', detail: 'lot', reason: 'lot of a position with a line of its own', position: null };
    }
    const several = this.#several();
    const held = this.#drafts.filter(({ line }) => line.position !== null);
    if (this.#rejected === 0 && held.length === 0) {
      throw this.refuse('no_positions', 'no position was found in the file', NOTHING_HELD);
    }
    this.#reconcile(held, several);
    this.#reportLots(held);
    for (const facts of this.#wrappers) {
      if (held.some(({ line }) => line.position!.account !== facts.account)) continue;
      const reason = `the line stands for another account worth ${facts.value ?? '?'}, which is not in the file`;
      this.fail(facts, 'value', 'account_missing', reason, 'Export all accounts together.', 'warning');
    }
    const lines = this.#valued(several).sort((a, b) => a.line - b.line);
    const days = several ? daysOf(lines) : undefined;
    const { asOf, asOfFrom } = days ? { asOf: days.at(-1)!.asOf, asOfFrom: 'column' as const } : this.#settleDay(byName);
    const staged = { kind: 'holdings', asOf, asOfFrom, lines, ...(days ? { days } : {}) } as const;
    return { staged, extra: null, rows: this.#rows, rejected: this.#rejected };
  }

  /** All lines, weights made values of the whole that they are of. */
  #valued(several: boolean): HoldingLine[] {
    const lines = this.#drafts.map(({ line }) => line);
    const total = totalOf(this.file, this.measure, this.#options);
    if (this.measure !== 'weight') return lines;
    // A line that was rejected since, for want of a day, is no part of the sum.
    const present = new Set(lines);
    const of = new Map([...this.#weights].filter(([line]) => present.has(line)));
    const weights = { of, heading: this.heading, percent: this.#percent, total };
    return withValues(this, lines, weights, several ? this.#days.size : 1, this.#options.weights);
  }

  /** Whether the lines are of several days that are snapshots; a position without one is an error then. Throws for days that are none. */
  #several(): boolean {
    if (this.#days.size < 2) return false;
    const found = [...this.#days];
    // A day in a title beside another one in the lines is a contradiction, whatever the person says.
    if (!this.#options.eachDay || found.some(([, { from }]) => from !== 'column')) {
      const { reason, fix } = severalDays(new Map(found.map(([day, { line }]) => [day, line])));
      throw this.refuse('several_dates', reason, fix);
    }
    for (const [day, { line }] of found) this.#refuseFuture(day, line);
    for (const draft of this.#drafts) {
      const { line, position, asOf } = draft.line;
      if (!position || asOf !== undefined) continue;
      this.issue('error', 'missing_value', line, 'the day of the holding is missing', 'Write it as YYYY-MM-DD.');
      this.#rejected++;
      draft.line = { line, disposition: 'error', reason: 'see the issues of this line', position: null };
    }
    return true;
  }

  #refuseFuture(day: EpochDay, line: number): void {
    if (day <= this.#context.today) return;
    const reason = `the holdings are of ${formatIsoDay(day)}, which lies after today`;
    throw this.refuse('future_date', reason, 'Check the date in the file and the clock.', line);
  }

  #reconcile(held: readonly Draft[], several: boolean): void {
    for (const { line, stated, what, members, asOf } of this.#totals) {
      if (several && (asOf === null || !this.#days.has(asOf))) {
        this.log.add('warning', 'total_differs', line, 0, () => TOTAL_OF_NO_DAY);
        continue;
      }
      const day = several ? held.filter((d) => d.line.asOf === asOf) : held;
      const own = day.filter((d) => members({ position: d.line.position!, kind: d.kind!, assetClass: d.assetClass }));
      const sum = own.reduce((total, { value }) => total + value, 0);
      const waiting = this.#pending.reduce((total, { value }) => total + value, 0);
      const limit = Math.max(1, Math.abs(stated) * 5e-4);
      if (Math.abs(sum - stated) <= limit || Math.abs(sum + waiting - stated) <= limit) continue;
      const reason = Number.isNaN(sum)
        ? `${what}: the total ${money(stated)} cannot be checked, a line has neither value nor price`
        : `${what}: the total is ${money(stated)}, the lines add up to ${money(sum)} (difference ${money(sum - stated)})`;
      this.issue('warning', 'total_differs', line, reason, 'Check that no line is missing or counted twice.', money(stated));
    }
  }

  #reportLots(held: readonly Draft[]): void {
    const byLine = new Map(held.map((draft) => [draft.line.line, draft]));
    for (const [line, first] of this.repeats) {
      const lotOf = byLine.get(line)?.lotOf;
      // Two accounts may hold the same.
      if (lotOf !== undefined && lotOf === byLine.get(first)?.lotOf) reportRepeat(this.log, line, first);
    }
    const positions = held.filter(({ line }) => line.position!.symbol);
    const lots = positions.length - new Set(positions.map(({ lotOf }) => lotOf)).size;
    if (lots > 0) this.issue('info', 'several_lots', 0, lotsSaid(lots), 'Nothing to do: lots are added up.');
  }

  #settleDay(byName: EpochDay | null): { readonly asOf: EpochDay; readonly asOfFrom: AsOfFrom } {
    const stated = this.#options.knownAsOf === undefined ? null : parseIsoDay(this.#options.knownAsOf);
    const [own] = this.#days;
    if (own) this.#refuseFuture(own[0], own[1].line);
    if (own && stated !== null && own[0] !== stated)
      this.log.add('warning', 'as_of_differs', own[1].line, 0, () => otherDay(own[0], stated));
    if (own) return { asOf: own[0], asOfFrom: own[1].from };
    if (stated !== null) return { asOf: stated, asOfFrom: 'option' };
    if (byName !== null && byName <= this.#context.today) return { asOf: byName, asOfFrom: 'file name' };
    throw askAsOf(this.file);
  }
}
