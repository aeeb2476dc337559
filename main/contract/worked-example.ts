/** MODEL.md 5 on plain numbers, for the worked example of the help: slopes and links in, exposures, hedge ratios and residual out. */

export interface WorkedInput {
  /** Slopes on the cleaned factors: market, sector, subsector. */
  readonly slopes: readonly [number, number, number];
  readonly links: { readonly sm: number; readonly um: number; readonly us: number };
  /** Returns of one day: market, sector and subsector ETF, and the stock. */
  readonly factors: readonly [number, number, number];
  readonly stock: number;
}

export interface WorkedOutput {
  /** Dollars of each raw ETF that $1 of the stock behaves like; hedge ratios are their negatives. */
  readonly exposures: readonly [number, number, number];
  readonly hedgeRatios: readonly [number, number, number];
  /** The factors cleaned of the layers above, on that day. */
  readonly cleaned: readonly [number, number, number];
  /** r − sum h f on the raw ETFs, and the same along the cleaned path: equal, or the exposures are wrong. */
  readonly residual: number;
  readonly residualByCleanedPath: number;
}

/** The example of MODEL.md 5. */
export const WMT_EXAMPLE = {
  stockName: 'WMT',
  etfs: ['SPY', 'XLP', 'PBJ'],
  slopes: [0.5, 0.3, 0.2],
  links: { sm: 0.6, um: 0.4, us: 0.7 },
  factors: [0.01, 0.008, 0.012],
  stock: 0.011,
} as const;

export function workExample({ slopes, links, factors, stock }: WorkedInput): WorkedOutput {
  const [bm, bs, bu] = slopes;
  const [m, s, u] = factors;
  const hu = bu;
  const hs = bs - links.us * hu;
  const hm = bm - links.sm * hs - links.um * hu;
  const sClean = s - links.sm * m;
  const uClean = u - links.um * m - links.us * sClean;
  // Written so that a zero exposure has no negative zero beside it.
  const minus = (x: number): number => (x === 0 ? 0 : -x);
  return {
    exposures: [hm, hs, hu],
    hedgeRatios: [minus(hm), minus(hs), minus(hu)],
    cleaned: [m, sClean, uClean],
    residual: stock - hm * m - hs * s - hu * u,
    residualByCleanedPath: stock - bm * m - bs * sClean - bu * uClean,
  };
}
