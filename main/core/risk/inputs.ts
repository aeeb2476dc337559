/** A book, and where the returns are that its risk is made of. */
import { HedgerowError } from '../../contract/errors.ts';
import { isModelled } from '../../contract/results.ts';
import type { RiskPosition } from '../../quant/risk/index.ts';
import { hedgeTargets, type LayerFractions } from '../../quant/hedge/index.ts';
import { loadBook, type Book, type BookRequest } from '../book.ts';
import type { Held } from '../held.ts';
import { iso, type Hooks, type Session } from '../session.ts';
import { countsOf, seriesIndex } from '../engine.ts';
import { inTurns } from '../turns.ts';

/** A covered position without its returns. */
type RiskHolding = Omit<RiskPosition, 'returns'>;

export interface RiskBook {
  readonly book: Book;
  /** Positions in the figures. */
  readonly kept: readonly Held[];
  /** Of `kept`, one each. */
  readonly holdings: readonly RiskHolding[];
  /** Place in the panel of each of `kept`, and of each ETF. */
  readonly series: { readonly kept: readonly number[]; readonly etfs: readonly number[] };
  readonly left: readonly { readonly ticker: string; readonly value: number | null; readonly reason: string }[];
  /** ETFs the positions are exposed to, by code. */
  readonly codes: readonly string[];
  /** First row of the window, and how many it has. */
  readonly from: number;
  readonly length: number;
  readonly window: { readonly first: string; readonly last: string };
}

const LAYERS: readonly (readonly [string, LayerFractions])[] = [
  ['market', { market: 1, sector: 0, subsector: 0 }],
  ['sector', { market: 0, sector: 1, subsector: 0 }],
  ['subsector', { market: 0, sector: 0, subsector: 1 }],
];

/** Loads a book and what of it has enough returns in the window that ends at its date. */
export const riskBook = async (session: Session, request: BookRequest, hooks: Hooks): Promise<RiskBook> =>
  riskBookOf(session, await loadBook(session, request, hooks));

export async function riskBookOf(session: Session, book: Book): Promise<RiskBook> {
  const { panel, row, basis } = book;
  const { window, minObs } = basis.settings;
  const index = seriesIndex(panel);
  const from = Math.max(0, row - window + 1);
  const covered = book.held.filter(({ view }) => isModelled(view));
  const places = covered.map(({ view }) => index.get(view.securityId!)!);
  const counts = await countsOf(session, panel, basis.settings, places, row, from, row + 1);
  const keep = covered.map((_, i) => counts[i]! >= minObs);
  const kept = covered.filter((_, i) => keep[i]);
  const layers = await inTurns(kept, layersOf);
  // A cleaned factor of a held ETF is written on ETFs above it, which the book itself may not be exposed to.
  const names = new Set<string>();
  kept.forEach(({ view }, i) => {
    for (const code of view.chain) names.add(code);
    for (const [, legs] of layers[i]!) for (const code of legs.keys()) names.add(code);
  });
  const codes = [...names].sort();
  const etfs = codes.map((code) => index.get(book.etfs.get(code)?.securityId ?? -1));
  const unknown = codes.find((_, i) => etfs[i] === undefined);
  if (unknown !== undefined)
    throw new HedgerowError('data', `The ETF ${unknown} of the book has no returns.`, 'Import its prices, then run again.');
  const place = new Map(codes.map((code, i) => [code, i]));
  return {
    book,
    kept,
    holdings: await inTurns(kept, ({ view }, i): RiskHolding => ({
      value: view.marketValue!,
      exposure: view.chain.map((code, leg) => ({ etf: place.get(code)!, per: view.exposure[leg]! })),
      layers: Object.fromEntries(
        layers[i]!.map(([name, legs]) => [name, [...legs].map(([code, dollars]) => ({ etf: place.get(code)!, dollars }))]),
      ),
    })),
    series: { kept: places.filter((_, i) => keep[i]), etfs: etfs as number[] },
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
    codes,
    from,
    length: row + 1 - from,
    window: { first: iso(panel.days[from]!), last: iso(panel.days[row]!) },
  };
}

/** Dollars per ETF of each layer. */
function layersOf({ view, hedge }: Held): [name: string, legs: Map<string, number>][] {
  if (!hedge) return [['hedge holdings', new Map(view.chain.map((code, i) => [code, view.marketValue! * view.exposure[i]!]))]];
  // The target of a layer is minus the layer.
  return LAYERS.map(([name, layer]) => [name, new Map([...hedgeTargets([hedge], layer, 3)].map(([code, dollars]) => [code, -dollars]))]);
}
