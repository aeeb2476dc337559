/** The output fields of the cascade, in the order of MODEL.md 12, and the flag bits of a row. */

export interface Field {
  /** Name in files. */
  readonly wire: string;
  /** Long name. */
  readonly long: string;
  readonly unit: string;
  readonly description: string;
  /** Kept with every row, not written to files. */
  readonly internal?: true;
}

const LEG_NAME = { mkt: 'market', sec: 'sector', sub: 'subsector', res: 'residual' } as const;
type Leg = keyof typeof LEG_NAME;

const LEVEL_LEGS: readonly (readonly [number, Leg])[] = [
  [1, 'mkt'],
  [2, 'mkt'],
  [2, 'sec'],
  [3, 'mkt'],
  [3, 'sec'],
  [3, 'sub'],
];
const SHARES: readonly (readonly [number, Leg])[] = [
  [1, 'mkt'],
  [1, 'res'],
  [2, 'mkt'],
  [2, 'sec'],
  [2, 'res'],
  [3, 'mkt'],
  [3, 'sec'],
  [3, 'sub'],
  [3, 'res'],
];

const perLeg = (legs: typeof LEVEL_LEGS, wire: string, long: string, unit: string, text: (level: number, leg: string) => string): Field[] =>
  legs.map(([level, leg]) => ({
    wire: `l${level}_${leg}_${wire}`,
    long: `l${level}_${LEG_NAME[leg]}_${long}`,
    unit,
    description: text(level, LEG_NAME[leg]),
  }));

const perLevel = (wire: string, long: string, unit: string, text: (level: number) => string): Field[] =>
  [1, 2, 3].map((level) => ({ wire: `l${level}_${wire}`, long: `l${level}_${long}`, unit, description: text(level) }));

export const FIELDS: readonly Field[] = [
  ...perLeg(
    LEVEL_LEGS,
    'hr',
    'hr',
    'dollars of ETF per dollar of stock',
    (k, leg) => `Hedge ratio of level ${k} on the ${leg} ETF: dollars to trade per $1 held long; negative is a sale.`,
  ),
  ...perLeg(
    LEVEL_LEGS,
    'exp',
    'exposure',
    'dollars of ETF per dollar of stock',
    (k, leg) => `Exposure of level ${k} to the ${leg} ETF, minus the hedge ratio.`,
  ),
  ...perLeg(
    LEVEL_LEGS,
    'hr_se',
    'hr_se',
    'dollars of ETF per dollar of stock',
    (k, leg) => `Standard error of the level ${k} ${leg} exposure in the joint regression.`,
  ),
  ...perLeg(SHARES, 'er', 'er', 'share of variance', (k, leg) => `Share of the variance of level ${k}: ${leg}.`),
  { wire: 'l1_mkt_beta', long: 'l1_market_beta', unit: 'slope', description: 'Slope on the market ETF, fit of level 1.' },
  { wire: 'l2_sec_beta', long: 'l2_sector_beta', unit: 'slope', description: 'Slope on the cleaned sector factor, fit of level 2.' },
  { wire: 'l3_sub_beta', long: 'l3_subsector_beta', unit: 'slope', description: 'Slope on the cleaned subsector factor, fit of level 3.' },
  { wire: 'lam_sm', long: 'link_sector_market', unit: 'slope', description: 'Beta of the sector ETF on the market ETF.' },
  { wire: 'lam_um', long: 'link_subsector_market', unit: 'slope', description: 'Beta of the subsector ETF on the market ETF.' },
  { wire: 'lam_us', long: 'link_subsector_sector', unit: 'slope', description: 'Beta of the subsector ETF on the cleaned sector factor.' },
  ...perLevel('fr', 'factor_return', 'daily return', (k) => `Ex-ante factor return of layer ${k} alone.`),
  ...perLevel('cfr', 'combined_factor_return', 'daily return', (k) => `Ex-ante factor return through level ${k}.`),
  ...perLevel('rr', 'residual_return', 'daily return', (k) => `Ex-ante residual return of level ${k}.`),
  {
    wire: 'res_in',
    long: 'l3_in_window_residual',
    unit: 'daily return',
    description: "Residual with the row's own exposures at the deepest level, intercept included.",
  },
  { wire: 'returns_gross', long: 'returns_gross', unit: 'daily return', description: 'Daily total return.' },
  { wire: 'stock_var', long: 'daily_variance', unit: 'daily variance', description: 'Sample variance of the return over the window.' },
  { wire: 'vol', long: 'volatility', unit: 'annualised', description: 'sqrt(252 x daily variance).' },
  { wire: 'n_obs', long: 'n_obs', unit: 'rows', description: 'Rows used at the deepest level present.' },
  { wire: 'level', long: 'level', unit: 'level', description: 'Deepest level present: 0 to 3.' },
  { wire: 'flags', long: 'flags', unit: 'bit mask', description: 'Flags of the row.' },
  {
    wire: 'additivity_dev',
    long: 'additivity_deviation',
    unit: 'share of variance',
    description: 'Largest |sum of shares - 1| over the levels present.',
    internal: true,
  },
  {
    wire: 'replication_dev',
    long: 'replication_deviation',
    unit: 'daily return',
    description: 'Largest |sum h f + e - r| over the levels present, e along the cleaned path.',
    internal: true,
  },
];

export const FIELD_COUNT = FIELDS.length;

/** What a `core` cascade fills: slopes, links, exposures and shares of the deepest level, variance, residual and count, without the checks. */
export const CORE_FIELDS: readonly string[] = [
  ...['l1_mkt_beta', 'l2_sec_beta', 'l3_sub_beta', 'lam_sm', 'lam_um', 'lam_us', 'l3_mkt_exp', 'l3_sec_exp'],
  ...['l3_mkt_er', 'l3_sec_er', 'l3_sub_er', 'l3_res_er', 'stock_var', 'res_in', 'n_obs'],
];

/** Column of a field by wire name. */
export const F: Readonly<Record<string, number>> = Object.fromEntries(FIELDS.map((field, index) => [field.wire, index]));

/** Column of a field; throws for a name that is none (a misspelt name must not read another column). */
export function fieldIndex(wire: string): number {
  const index = F[wire];
  if (index === undefined) throw new RangeError(`no field "${wire}"`);
  return index;
}

/** Bits of the `flags` field. `masked` is set by universes, never by the kernel. */
export const FLAG = {
  collinear: 1,
  no_sector_etf: 2,
  no_subsector_etf: 4,
  short_history: 8,
  no_variance: 16,
  additivity: 32,
  replication: 64,
  hr_extreme: 128,
  masked: 256,
  /** The window reaches back to rows on which a fund's proxy stands in for it. */
  proxy_etf: 512,
} as const;

/** Names of the bits set in a mask, in the order of MODEL.md 12; a missing mask has none. */
export function flagNames(mask: number): string[] {
  return FLAGS.filter(([, bit]) => (mask & bit) !== 0).map(([name]) => name);
}
const FLAGS = Object.entries(FLAG);
