/** What can be chosen of a hedge and of the file it is written to. */
export type Layer = 'market' | 'sector' | 'subsector';
export const LAYERS: readonly Layer[] = ['market', 'sector', 'subsector'];
export type OrderType = 'MKT' | 'MOC' | 'LMT' | 'LOC';

export const isLimit = (type: OrderType): boolean => type === 'LMT' || type === 'LOC';

export interface Choice {
  layers: Record<Layer, number>;
  /** Dollars; null: as the program has it for a book of that size. */
  minTrade: number | null;
  /** Per cent of the target up to which a change of a held hedge is left. */
  band: number;
  rounding: 'joint' | 'nearest';
  netting: 'across' | 'per-account';
  exclude: string;
  /** Dollars per ETF. */
  limits: Record<string, number>;
  grossCap: number | null;
  format: string;
  orderType: OrderType;
  limitBps: number;
}

/** What a ticket starts with where the desk rules lay down no other. */
export const untouched = (): Choice => ({
  layers: { market: 100, sector: 100, subsector: 100 },
  minTrade: null,
  band: 0,
  rounding: 'joint',
  netting: 'across',
  exclude: '',
  limits: {},
  grossCap: null,
  format: 'generic',
  orderType: 'MKT',
  limitBps: 20,
});

/** Tickers typed with commas or spaces. */
export const tickers = (text: string): string[] =>
  text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((ticker, i, all) => ticker !== '' && all.indexOf(ticker) === i);
