/**
 * Which pieces of a run differ between two panels. A row is a function of the returns of its window (as known at the row), of its chain, of the
 * delisting and of the mask: so a changed return of a security reaches at most a window of its own rows, one of an ETF those of its chains, a
 * changed chain its own rows, and a new day the new rows.
 */
import { ALIVE_ROWS } from '../../quant/cascade/types.ts';
import type { ReturnEpoch } from '../../quant/returns/index.ts';
import { returnsOfSeries, SPAN, type Panel } from '../panel.ts';
import { segmentOf, segmentRows, takePiece, type RunParts } from '../run-parts.ts';

/** Rows [from, to). */
interface Rows {
  readonly from: number;
  readonly to: number;
}

export interface Earlier {
  readonly panel: Panel;
  readonly parts: RunParts;
}

/**
 * Takes the pieces that an earlier run shares with one of `panel` into `parts`; answers what is left to compute, as series, from and to of
 * each unit, series in `order`.
 */
export function takeOver(earlier: Earlier, panel: Panel, window: number, order: Int32Array, parts: RunParts): Int32Array {
  const changed = changedPieces(earlier.panel, panel, window, parts);
  const { segments } = parts;
  const place = new Map(earlier.panel.series.map(({ securityId }, i) => [securityId, i * earlier.parts.segments]));
  panel.series.forEach(({ securityId }, i) => {
    const own = i * segments;
    for (let s = 0; s < segments; s++) if (changed[own + s] === 0) takePiece(parts, own + s, earlier.parts, place.get(securityId)! + s);
  });
  const units: number[] = [];
  for (const i of order)
    for (let s = 0; s < segments;) {
      const first = s;
      while (s < segments && changed[i * segments + s] === 1) s++;
      if (s > first) units.push(i, segmentRows(parts, first).from, segmentRows(parts, s - 1).to);
      else s++;
    }
  return Int32Array.from(units);
}

/** 1 for every piece of `after` that must be computed; the others are pieces of the same security and segment of `before`. */
function changedPieces(before: Panel, after: Panel, window: number, parts: RunParts): Uint8Array {
  const { segments } = parts;
  const changed = new Uint8Array(after.series.length * segments);
  // A fund joined with its proxy is no security, so it has no name to be found by in the other panel.
  if (before.firstSession !== after.firstSession || before.proxied || after.proxied) return changed.fill(1);
  const earlier = new Map(before.series.map(({ securityId }, i) => [securityId, i]));
  const reach = Math.max(window, ALIVE_ROWS);
  // Rows of every series that its own returns change; an ex-ante field also depends on the row before.
  const own = after.series.map(({ securityId }, i): Rows[] => {
    const j = earlier.get(securityId);
    if (j === undefined) return [{ from: 0, to: after.nRows }];
    return inputChanges(before, j, after, i).map(({ from, to }) => ({ from, to: to + reach }));
  });
  const spans = after.series.map((_, i) => plannedSpans(after, i));

  after.series.forEach(({ securityId }, i) => {
    const mark = (from: number, to: number): void => {
      const [a, b] = [Math.max(0, from), Math.min(after.nRows, to)];
      if (a < b) changed.fill(1, i * segments + segmentOf(parts, a), i * segments + segmentOf(parts, b - 1) + 1);
    };
    const j = earlier.get(securityId);
    if (j === undefined) return mark(0, after.nRows);
    mark(before.nRows, after.nRows);
    // A segment that the earlier panel cut short.
    if (after.nRows < before.nRows) mark(after.nRows - 1, after.nRows);
    for (const { from, to } of own[i]!) mark(from, to);
    const [x, y] = [before.lastRow[j]!, after.lastRow[i]!];
    if (x !== y) mark(Math.min(x, y), after.nRows);
    const old = plannedSpans(before, j);
    for (const span of spans[i]!) {
      for (const etf of span.etfs)
        if (etf >= 0) for (const { from, to } of own[etf]!) mark(Math.max(from, span.from), Math.min(to, span.to) + 1);
      for (const rows of without(span, old)) mark(rows.from, rows.to + 1);
    }
    // Rows that had a chain and have none any more.
    for (const span of old) for (const rows of without(span, spans[i]!)) mark(rows.from, rows.to + 1);
    if (before.mask || after.mask) markMask(before, j, after, i, mark);
  });
  return changed;
}

/** Stretches of returns that differ: base rows, and late facts from the row that learns them to the row they correct. */
function inputChanges(before: Panel, j: number, after: Panel, i: number): Rows[] {
  const out: Rows[] = [];
  const sameRoom = before.returns.buffer === after.returns.buffer && before.place[j] === after.place[i];
  if (!sameRoom) {
    const [a, b] = [returnsOfSeries(before, j), returnsOfSeries(after, i)];
    const n = Math.min(a.length, b.length);
    for (let row = 0; row < n;) {
      if (Object.is(a[row], b[row])) {
        row++;
        continue;
      }
      const from = row;
      while (row < n && !Object.is(a[row], b[row])) row++;
      out.push({ from, to: row });
    }
  }
  const [x, y] = [before.epochs.get(j), after.epochs.get(i)];
  if (x !== y) {
    const [first, second] = [patches(x), patches(y)];
    for (const [key, patch] of first) if (!second.has(key)) out.push(patch);
    for (const [key, patch] of second) if (!first.has(key)) out.push(patch);
  }
  return out;
}

function patches(epochs: readonly ReturnEpoch[] | undefined): Map<string, Rows> {
  const out = new Map<string, Rows>();
  for (const { fromRow, patchRows, patchValues } of epochs ?? [])
    patchRows.forEach((row, k) => out.set(`${fromRow}/${row}/${patchValues[k]}`, { from: fromRow, to: row + 1 }));
  return out;
}

interface PlannedSpan extends Rows {
  /** Series numbers, and the securities behind them, which name a chain in any panel. */
  readonly etfs: readonly number[];
  readonly chain: string;
}

function plannedSpans({ plan, planStart, series }: Panel, i: number): PlannedSpan[] {
  const out: PlannedSpan[] = [];
  for (let p = planStart[i]!; p < planStart[i + 1]!; p++) {
    const etfs = Array.from(plan.subarray(p * SPAN + 2, p * SPAN + 5));
    out.push({
      from: plan[p * SPAN]!,
      to: plan[p * SPAN + 1]!,
      etfs,
      chain: etfs.map((etf) => (etf < 0 ? `none ${etf}` : series[etf]!.securityId)).join(),
    });
  }
  return out;
}

/** The rows of a span on which none of the others has its chain. */
function without(span: PlannedSpan, others: readonly PlannedSpan[]): Rows[] {
  let left: Rows[] = [span];
  for (const { from, to, chain } of others) {
    if (chain !== span.chain) continue;
    left = left.flatMap((rows) => {
      if (to <= rows.from || from >= rows.to) return [rows];
      return [
        { from: rows.from, to: from },
        { from: to, to: rows.to },
      ].filter((part) => part.from < part.to);
    });
  }
  return left;
}

function markMask(before: Panel, j: number, after: Panel, i: number, mark: (from: number, to: number) => void): void {
  const n = Math.min(before.nRows, after.nRows);
  for (let row = 0; row < n; row++)
    if ((before.mask?.[j * before.nRows + row] ?? 0) !== (after.mask?.[i * after.nRows + row] ?? 0)) mark(row, row + 1);
}
