/** `portfolio.series`: the weighted sum over tickers of any field, through time. */
import type { Columns } from '../../contract/methods.ts';
import type { PortfolioSeriesHeader } from '../../contract/results-risk.ts';
import { loadBook, nothingModelled, type BookRequest } from '../book.ts';
import { cubeLines, type CubeLine } from '../cube/get.ts';
import type { CubePlan } from '../cube/plan.ts';
import { datedBooks, weightedBook } from '../dated-books.ts';
import { type Hooks, type Session } from '../session.ts';
import { inTurns } from '../turns.ts';

export interface SeriesRequest extends BookRequest {
  readonly fields: readonly string[];
  /** Today's holdings on every day, the snapshot in force on each day, or weights by ticker. */
  readonly weights?: 'holdings' | 'dated' | Readonly<Record<string, number>> | undefined;
}

/** A security, by its ticker where weights are given, by its number where it is held: who was called FBX then may not be who is called so now. */
type Key = string | number;

/** A stretch of days under one set of weights, by ticker in alphabetical order. */
interface Stretch {
  /** EpochDay from which it counts. */
  readonly from: number;
  readonly weights: readonly { readonly key: Key; readonly ticker: string; readonly weight: number }[];
  /** Absolute weight of what has no fields: held funds and unmodelled positions. */
  readonly uncovered: number;
}

/**
 * Columns `day`, `coverage` (of the absolute weight, of the first field) and one per field: `sum w x` over the tickers in
 * alphabetical order. What has no value counts as 0 and lowers the coverage; nothing is renormalised.
 */
export async function portfolioSeries(
  session: Session,
  { fields, weights = 'holdings', ...book }: SeriesRequest,
  hooks: Hooks = {},
): Promise<Columns> {
  const stretches = typeof weights === 'string' ? await heldWeights(session, book, weights, hooks) : [custom(weights)];
  const keys = [...new Set(stretches.flatMap((one) => one.weights.map(({ key }) => key)))];
  if (keys.length === 0) throw nothingModelled();
  const asked = typeof weights === 'string' ? { securities: keys as number[] } : { tickers: keys as string[] };
  const { plan, lines: rows } = await cubeLines(
    session,
    { names: 'wire', ...asked, fields, runId: book.runId, knownAsOf: book.knownAsOf, to: book.date },
    hooks,
  );
  const { panel, from, to, columns } = plan;
  const days = panel.days.slice(from, to);
  const lineOf = new Map(rows.map((line) => [line.securityId, line]));
  const dense = await inTurns(keys, (_, i) => denseOf(plan, lineOf.get(plan.asked![i]!)));
  const values = new Map(keys.map((key, i) => [key, dense[i]!]));
  const weighted = stretches.map((one) => ({
    from: one.from,
    base: one.weights.reduce((sum, { weight }) => sum + Math.abs(weight), one.uncovered),
    lines: one.weights.map(({ key, weight }) => ({ weight, fields: values.get(key)! })),
  }));
  const sums = columns.map(() => new Float64Array(days.length).fill(NaN));
  const coverage = new Float64Array(days.length);
  await inTurns([...days], (day, at) => {
    const stretch = weighted.findLast((one) => one.from <= day);
    if (!stretch) return;
    const { base, lines } = stretch;
    columns.forEach((_, f) => {
      let sum = 0;
      let covered = 0;
      for (const { weight, fields: own } of lines) {
        const value = own[f]![at]!;
        if (Number.isNaN(value)) continue;
        sum += weight * value;
        covered += Math.abs(weight);
      }
      if (covered > 0) sums[f]![at] = sum;
      if (f === 0) coverage[at] = base === 0 ? 0 : covered / base;
    });
  });
  const header: PortfolioSeriesHeader = {
    lineage: Object.fromEntries(plan.lineage) as never,
    weights: typeof weights === 'string' ? weights : 'custom',
    used: Object.fromEntries(stretches.at(-1)!.weights.map(({ ticker, weight }) => [ticker, weight])),
  };
  return {
    header: { ...header },
    columns: { day: Int32Array.from(days), coverage, ...Object.fromEntries(columns.map(({ name }, f) => [name, sums[f]!])) },
  };
}

/** Fields of a security on every day, whatever it was called then; NaN where it has no row. */
function denseOf({ panel, from, to, columns }: CubePlan, line: CubeLine | undefined): Float64Array[] {
  const out = columns.map(() => new Float64Array(to - from).fill(NaN));
  if (!line) return out;
  let at = 0;
  line.days.forEach((day, row) => {
    while (panel.days[from + at]! < day) at++;
    columns.forEach((_, f) => (out[f]![at] = line.values[f]![row]!));
  });
  return out;
}

const custom = (weights: Readonly<Record<string, number>>): Stretch => ({
  from: -Infinity,
  weights: Object.entries(weights)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ticker, weight]) => ({ key: ticker, ticker, weight })),
  uncovered: 0,
});

/** Weights of the covered positions, of the book or of the book of each day that holdings are of. */
async function heldWeights(session: Session, request: BookRequest, kind: 'holdings' | 'dated', hooks: Hooks): Promise<Stretch[]> {
  const { snapshotId: _one, snapshotIds: _many, date, ...always } = request;
  const until = date === undefined ? null : { from: '', to: date };
  const books =
    kind === 'dated' ? await datedBooks(session, always, until, hooks) : [weightedBook(await loadBook(session, request, hooks))];
  return books.map(({ day, lines }) => {
    const weights = new Map<number, { key: number; ticker: string; weight: number }>();
    let uncovered = 0;
    for (const { role, securityId, ticker, weight } of lines) {
      if (role === 'hedge' || weight === null) continue;
      // What was too young on the day of its holdings has fields once it is of age.
      const young = kind === 'dated' && role === 'unmodelled' && securityId !== null;
      if (role !== 'stock' && !young) uncovered += Math.abs(weight);
      else weights.set(securityId!, { key: securityId!, ticker, weight: (weights.get(securityId!)?.weight ?? 0) + weight });
    }
    const from = kind === 'dated' ? day : -Infinity;
    return { from, weights: [...weights.values()].sort((a, b) => (a.ticker < b.ticker ? -1 : 1)), uncovered };
  });
}
