/** Why the risk of a book changed: one ingredient after the other is replaced, so that the steps sum to the change exactly. */
import { addTo, centred, commonRows, dot, YEAR } from './series.ts';

/** One side of a comparison. Positions and ETFs are aligned between the two sides. */
export interface RiskState {
  /** Dollars per position; 0 where it is not held. */
  readonly values: readonly number[];
  /** `exposure[position][etf]` per $1. */
  readonly exposure: readonly (readonly number[])[];
  readonly returns: readonly Float64Array[];
  readonly etfs: readonly Float64Array[];
  /** Rows the arrays have. */
  readonly length: number;
}

export interface RiskSteps {
  /** Annualised dollars. */
  readonly from: number;
  readonly positions: number;
  readonly exposures: number;
  readonly volatilities: number;
  readonly correlations: number;
  readonly to: number;
}

/** What a side brings, each separable: scales and the standardised series that carry the correlations. */
interface Parts {
  readonly values: readonly number[];
  readonly exposure: readonly (readonly number[])[];
  readonly scale: readonly number[];
  readonly shape: readonly Float64Array[];
  readonly rows: number;
}

/** Null when a side has fewer than two common rows. */
export function riskSteps(a: RiskState, b: RiskState): RiskSteps | null {
  const from = partsOf(a);
  const to = partsOf(b);
  if (!from || !to) return null;
  const mix = (values: Parts, exposure: Parts, scale: Parts, shape: Parts): number =>
    volatility(values.values, exposure.exposure, scale.scale, shape.shape, shape.rows);
  const levels = [
    mix(from, from, from, from),
    mix(to, from, from, from),
    mix(to, to, from, from),
    mix(to, to, to, from),
    mix(to, to, to, to),
  ] as const;
  return {
    from: levels[0],
    positions: levels[1] - levels[0],
    exposures: levels[2] - levels[1],
    volatilities: levels[3] - levels[2],
    correlations: levels[4] - levels[3],
    to: levels[4],
  };
}

function partsOf({ values, exposure, returns, etfs, length }: RiskState): Parts | null {
  const rows = commonRows([...returns, ...etfs], length);
  if (rows.length < 2) return null;
  const f = etfs.map((series) => centred(series, rows));
  const e = returns.map((series, i) => {
    const residual = centred(series, rows);
    f.forEach((factor, j) => exposure[i]![j] && addTo(residual, factor, -exposure[i]![j]!));
    return residual;
  });
  const scale = [...f, ...e].map((series) => Math.sqrt(dot(series, series) / (rows.length - 1)));
  return {
    values,
    exposure,
    scale,
    shape: [...f, ...e].map((series, i) => (scale[i] === 0 ? series : series.map((x) => x / scale[i]!))),
    rows: rows.length,
  };
}

function volatility(
  values: readonly number[],
  exposure: readonly (readonly number[])[],
  scale: readonly number[],
  shape: readonly Float64Array[],
  rows: number,
): number {
  const factors = shape.length - values.length;
  const total = new Float64Array(rows);
  for (let j = 0; j < factors; j++) {
    const x = values.reduce((sum, value, i) => sum + value * exposure[i]![j]!, 0);
    addTo(total, shape[j]!, x * scale[j]!);
  }
  values.forEach((value, i) => addTo(total, shape[factors + i]!, value * scale[factors + i]!));
  return Math.sqrt((YEAR * dot(total, total)) / (rows - 1));
}
