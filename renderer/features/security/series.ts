/** Columns of the security screen's charts. */
import type { ActionRow, ChainRow } from '../../../main/contract/results-security.ts';
import { parseIsoDay } from '../../../main/contract/units.ts';
import { fixed, percentUnit } from '../../lib/format.ts';
import type { PlotBand, PlotMarker } from '../../ui/chart/plot.ts';

export const LEGS = ['mkt', 'sec', 'sub'] as const;

export interface RatioSeries {
  readonly wire: string;
  readonly ratio: Float64Array;
  readonly error: Float64Array;
}

/** The 95 % and the 80 % band of a ratio. */
export function bandsOf({ ratio, error }: RatioSeries, colour: string): PlotBand[] {
  const edge = (z: number): Float64Array => ratio.map((value, row) => value + z * error[row]!);
  return [
    { upper: edge(1.96), lower: edge(-1.96), colour, alpha: '22' },
    { upper: edge(1.2816), lower: edge(-1.2816), colour, alpha: '33' },
  ];
}

/** A value rests on few rows when it has under three quarters of the window. */
export const isWeak = (rows: ArrayLike<number>, window: number, row: number): boolean => (rows[row] ?? NaN) < 0.75 * window;

/** First row with any value in one of the columns; the length of the columns when there is none. */
export function firstRow(columns: readonly ArrayLike<number>[]): number {
  const length = columns[0]?.length ?? 0;
  for (let row = 0; row < length; row++) if (columns.some((column) => Number.isFinite(column[row]))) return row;
  return length;
}

export type Marker = PlotMarker & { readonly words: string };

const ACTION_WORDS: Readonly<Record<ActionRow['type'], (value: number) => string>> = {
  split: (value) => `split ${fixed(value, value % 1 === 0 ? 0 : 4)} for 1`,
  dividend: (value) => `dividend $${fixed(value, 4)}`,
  special_dividend: (value) => `special dividend $${fixed(value, 4)}`,
  spinoff: (value) => `spin-off worth $${fixed(value, 4)}`,
  merger: (value) => `merger at $${fixed(value, 2)}`,
  delisting: (value) => `delisting return ${percentUnit(value, 2)}`,
};
export const actionWords = ({ type, value }: ActionRow): string => ACTION_WORDS[type](value);

/** Corporate actions at the foot (dividends small), changes of the chain as lines. */
export function markersOf(actions: readonly ActionRow[], chains: readonly ChainRow[]): Marker[] {
  const marks = actions.map((action): Marker => ({
    day: parseIsoDay(action.exDate)!,
    shape: action.type === 'dividend' ? 'tick' : 'peak',
    words: actionWords(action),
  }));
  const changes = chains
    .slice(1)
    .map((chain): Marker => ({ day: parseIsoDay(chain.from)!, shape: 'line', words: `chain becomes ${chainWords(chain)}` }));
  return [...marks, ...changes];
}

export const chainWords = ({ market, sector, subsector }: Pick<ChainRow, 'market' | 'sector' | 'subsector'>): string =>
  [market, sector, subsector].filter((etf) => etf !== null).join(' › ') || 'none';
