/** A book with the returns its risk is made of. */
import { HedgerowError } from '../../contract/errors.ts';
import type { RiskPosition } from '../../quant/risk/index.ts';
import { hedgeTargets, type LayerFractions } from '../../quant/hedge/index.ts';
import { loadBook, type Book, type BookRequest, type Held } from '../book.ts';
import { iso, type Session } from '../session.ts';
import { returnsOf, seriesIndex } from '../engine.ts';

export interface RiskInputs {
  readonly book: Book;
  /** Positions in the figures. */
  readonly kept: readonly Held[];
  readonly left: readonly { readonly ticker: string; readonly value: number | null; readonly reason: string }[];
  readonly positions: readonly RiskPosition[];
  /** ETFs the positions are exposed to, by code, and their returns over the window. */
  readonly codes: readonly string[];
  readonly etfs: readonly Float64Array[];
  /** Rows of the window. */
  readonly length: number;
  readonly window: { readonly first: string; readonly last: string };
}

const LAYERS: readonly (readonly [string, LayerFractions])[] = [
  ['market', { market: 1, sector: 0, subsector: 0 }],
  ['sector', { market: 0, sector: 1, subsector: 0 }],
  ['subsector', { market: 0, sector: 0, subsector: 1 }],
];

/** Loads a book and the returns of its covered positions over the window that ends at its date. */
export async function riskInputs(session: Session, request: BookRequest): Promise<RiskInputs> {
  const book = await loadBook(session, request);
  const { panel, row, basis } = book;
  const { window, minObs } = basis.settings;
  const index = seriesIndex(panel);
  const from = Math.max(0, row - window + 1);
  const length = row + 1 - from;
  const covered = book.held.filter(({ view }) => view.role !== 'unmodelled');
  const returns = await returnsOf(
    session,
    panel,
    basis.settings,
    covered.map(({ view }) => index.get(view.securityId!)!),
    row,
    from,
    row + 1,
  );
  const counts = returns.map((series) => series.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0));
  const keep = covered.map((_, i) => counts[i]! >= minObs);
  const kept = covered.filter((_, i) => keep[i]);
  const layers = kept.map(layersOf);
  // A cleaned factor of a held ETF is written on ETFs above it, which the book itself may not be exposed to.
  const codes = [
    ...new Set([...kept.flatMap(({ view }) => view.chain), ...layers.flatMap((one) => one.flatMap(([, legs]) => [...legs.keys()]))]),
  ].sort();
  const series = codes.map((code) => index.get(book.etfs.get(code)?.securityId ?? -1));
  const unknown = codes.find((_, i) => series[i] === undefined);
  if (unknown !== undefined)
    throw new HedgerowError('data', `The ETF ${unknown} of the book has no returns.`, 'Import its prices, then run again.');
  const etfs = await returnsOf(session, panel, basis.settings, series as number[], row, from, row + 1);
  const place = new Map(codes.map((code, i) => [code, i]));
  const keptReturns = returns.filter((_, i) => keep[i]);
  return {
    book,
    kept,
    left: [
      ...book.held
        .filter(({ view }) => view.role === 'unmodelled')
        .map(({ view }) => ({ ticker: view.ticker, value: view.marketValue, reason: view.reason ?? 'not modelled' })),
      ...covered.flatMap(({ view }, i) =>
        keep[i]
          ? []
          : [{ ticker: view.ticker, value: view.marketValue, reason: `${counts[i]} returns in the window, ${minObs} are needed` }],
      ),
    ],
    positions: kept.map(({ view }, i): RiskPosition => ({
      value: view.marketValue!,
      returns: keptReturns[i]!,
      exposure: view.chain.map((code, leg) => ({ etf: place.get(code)!, per: view.exposure[leg]! })),
      layers: Object.fromEntries(
        layers[i]!.map(([name, legs]) => [name, [...legs].map(([code, dollars]) => ({ etf: place.get(code)!, dollars }))]),
      ),
    })),
    codes,
    etfs,
    length,
    window: { first: iso(panel.days[from]!), last: iso(panel.days[row]!) },
  };
}

/** Dollars per ETF of each layer. */
function layersOf({ view, hedge }: Held): [name: string, legs: Map<string, number>][] {
  if (!hedge) return [['hedge holdings', new Map(view.chain.map((code, i) => [code, view.marketValue! * view.exposure[i]!]))]];
  // The target of a layer is minus the layer.
  return LAYERS.map(([name, layer]) => [name, new Map([...hedgeTargets([hedge], layer, 3)].map(([code, dollars]) => [code, -dollars]))]);
}
