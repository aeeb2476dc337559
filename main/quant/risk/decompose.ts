/**
 * Risk of a book taken apart (MODEL.md 10). Everything is computed on one set of rows, those on which every position and ETF
 * has a return, so that the parts add up to the whole and not only nearly.
 */
import { residualStructure, type ResidualStructure } from './residuals.ts';
import { addTo, centred, commonRows, dot, YEAR } from './series.ts';

/** A covered position. */
export interface RiskPosition {
  /** Dollars, short < 0. */
  readonly value: number;
  /** Positions with the same array are one security in several accounts. */
  readonly returns: Float64Array;
  /** Exposure per $1 on ETFs, by index. */
  readonly exposure: readonly { readonly etf: number; readonly per: number }[];
  /** Dollars per ETF of each layer, by layer name; together they are `value x exposure`. */
  readonly layers: Readonly<Record<string, readonly { readonly etf: number; readonly dollars: number }[]>>;
}

/** exposure x volatility x correlation = contribution, annualised dollars. */
interface Contribution {
  /** Dollars. */
  readonly exposure: number;
  /** Annualised, per $1. */
  readonly volatility: number;
  /** With the book's profit; 0 for what does not move. */
  readonly correlation: number;
  readonly contribution: number;
}

export interface Decomposition {
  /** Rows used. */
  readonly rows: Int32Array;
  /** Annualised dollars. */
  readonly volatility: number;
  /** Annualised dollars squared; factor + residual (shrunk) + cross + shrinkage = volatility². */
  readonly variance: {
    readonly total: number;
    readonly factor: number;
    readonly residualDiagonal: number;
    readonly residualShrunk: number;
    readonly residualFull: number;
    readonly cross: number;
    readonly shrinkage: number;
  };
  readonly positions: readonly (Contribution & { readonly factor: number; readonly residual: number })[];
  readonly etfs: readonly Contribution[];
  readonly layers: Readonly<Record<string, number>>;
  /** Contribution of all residuals; ETFs and residual sum to the volatility. */
  readonly residual: number;
  readonly structure: ResidualStructure;
  /** Sum of the volatilities of the positions alone, and what holding them together saves. */
  readonly standalone: number;
  readonly diversification: number;
}

/** Null with fewer than two common rows. `etfs[i]` are returns by the same rows as the positions'. */
export function decompose(positions: readonly RiskPosition[], etfs: readonly Float64Array[], length: number): Decomposition | null {
  const rows = commonRows([...positions.map(({ returns }) => returns), ...etfs], length);
  if (rows.length < 2 || positions.length === 0) return null;
  const count = rows.length - 1;
  const r = positions.map(({ returns }) => centred(returns, rows));
  const f = etfs.map((returns) => centred(returns, rows));
  const total = new Float64Array(rows.length);
  const factor = new Float64Array(rows.length);
  const x = new Float64Array(etfs.length);
  const e = positions.map(({ exposure, value }, i) => {
    const residual = r[i]!.slice();
    for (const { etf, per } of exposure) {
      addTo(residual, f[etf]!, -per);
      x[etf]! += value * per;
    }
    addTo(total, r[i]!, value);
    return residual;
  });
  f.forEach((series, i) => addTo(factor, series, x[i]!));
  const residual = total.map((all, t) => all - factor[t]!);
  const variance = dot(total, total) / count;
  const daily = Math.sqrt(variance);
  const annual = Math.sqrt(YEAR);
  const part = (series: Float64Array, dollars: number): number =>
    daily === 0 ? 0 : (annual * dollars * dot(series, total)) / count / daily;
  // A position is exposed to several ETFs and every ETF to many positions: what a dollar of each adds is summed once.
  const perEtf = f.map((series) => part(series, 1));
  const line = (series: Float64Array, exposure: number): Contribution => {
    const sd = Math.sqrt(dot(series, series) / count);
    const correlation = sd === 0 || daily === 0 ? 0 : dot(series, total) / count / sd / daily;
    return { exposure, volatility: annual * sd, correlation, contribution: part(series, exposure) };
  };
  const structure = structureOf(positions, e);
  const layers: Record<string, number> = {};
  for (const { layers: own } of positions)
    for (const [name, legs] of Object.entries(own))
      for (const { etf, dollars } of legs) layers[name] = (layers[name] ?? 0) + dollars * perEtf[etf]!;
  const lines = positions.map(({ value, exposure }, i) => ({
    ...line(r[i]!, value),
    factor: exposure.reduce((sum, { etf, per }) => sum + value * per * perEtf[etf]!, 0),
    residual: part(e[i]!, value),
  }));
  const standalone = lines.reduce((sum, { exposure, volatility }) => sum + Math.abs(exposure) * volatility, 0);
  const full = dot(residual, residual) / count;
  return {
    rows,
    volatility: annual * daily,
    variance: {
      total: YEAR * variance,
      factor: (YEAR * dot(factor, factor)) / count,
      residualDiagonal: YEAR * structure.diagonal,
      residualShrunk: YEAR * structure.shrunk,
      residualFull: YEAR * full,
      cross: (2 * YEAR * dot(factor, residual)) / count,
      shrinkage: YEAR * (full - structure.shrunk),
    },
    positions: lines,
    etfs: f.map((series, i) => line(series, x[i]!)),
    layers,
    residual: part(residual, 1),
    structure,
    standalone,
    diversification: standalone - annual * daily,
  };
}

/** A security in several accounts is one residual: its dollars add up before they are squared, and it is no pair with itself. */
function structureOf(positions: readonly RiskPosition[], e: readonly Float64Array[]): ResidualStructure {
  const dollars = new Map<Float64Array, number>();
  const own: Float64Array[] = [];
  positions.forEach(({ returns, value }, i) => {
    const before = dollars.get(returns);
    if (before === undefined) own.push(e[i]!);
    dollars.set(returns, (before ?? 0) + value);
  });
  return residualStructure([...dollars.values()], own);
}
