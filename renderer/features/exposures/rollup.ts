/** Sums of the book's own dollar exposures: positions x ETFs, sectors, long and short. Nothing here is estimated. */
import { isModelled, type BookPosition, type BookView } from '../../../main/contract/results.ts';

export interface HeatRow {
  readonly position: BookPosition;
  /** Dollars per ETF of the position's chain: market value times exposure. */
  readonly dollars: ReadonlyMap<string, number>;
}

export interface EtfColumn {
  readonly etf: string;
  /** 0 market, 1 sector, 2 subsector. */
  readonly layer: number;
}

/** Modelled positions with their dollars per ETF, in the order of the book. Held hedges are rows too. */
export function heatRows(view: BookView): HeatRow[] {
  return view.positions.filter(isModelled).map((position) => {
    const dollars = new Map<string, number>();
    position.chain.forEach((etf, i) => {
      const exposure = position.exposure[i];
      if (exposure === null || exposure === undefined || position.marketValue === null) return;
      dollars.set(etf, (dollars.get(etf) ?? 0) + position.marketValue * exposure);
    });
    return { position, dollars };
  });
}

/** The ETFs of the book by layer, the largest net exposure first. An ETF on two layers counts on the upper one. */
export function etfColumns(view: BookView): EtfColumn[] {
  const layers = new Map<string, number>();
  for (const { role, chain, level } of view.positions) {
    chain.forEach((etf, i) => {
      const layer = role === 'stock' ? i : level - 1;
      layers.set(etf, Math.min(layers.get(etf) ?? layer, layer));
    });
  }
  const size = new Map(view.etfs.map((row) => [row.etf, Math.abs(row.net)]));
  return [...layers]
    .map(([etf, layer]) => ({ etf, layer }))
    .sort((a, b) => a.layer - b.layer || (size.get(b.etf) ?? 0) - (size.get(a.etf) ?? 0) || (a.etf < b.etf ? -1 : 1));
}

export interface Sums {
  readonly name: string;
  readonly positions: number;
  readonly long: number;
  readonly short: number;
  readonly net: number;
  /** Gross of this row over the gross of the book. */
  readonly shareOfGross: number | null;
  /** Dollar exposure on the ETFs of each layer: market, sector, subsector. */
  readonly layers: readonly [number, number, number];
}

export interface GroupRow extends Sums {
  /** 0: a sector ETF with everything under it; 1: one of its subsector ETFs. */
  readonly depth: 0 | 1;
}

function sums(name: string, positions: readonly BookPosition[], gross: number): Sums {
  let long = 0;
  let short = 0;
  const layers: [number, number, number] = [0, 0, 0];
  for (const { marketValue, role, level, exposure } of positions) {
    if (marketValue === null) continue;
    if (marketValue >= 0) long += marketValue;
    else short += marketValue;
    exposure.forEach((h, i) => {
      const layer = role === 'stock' ? i : level - 1;
      if (h !== null && layer >= 0 && layer < 3) layers[layer]! += marketValue * h;
    });
  }
  const unpriced = positions.filter(({ marketValue }) => marketValue === null).length;
  return {
    name: unpriced === 0 ? name : `${name}, ${unpriced} unvalued`,
    positions: positions.length,
    long,
    short,
    net: long + short,
    shareOfGross: gross > 0 ? (long - short) / gross : null,
    layers,
  };
}

function grouped<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

const larger = (a: Sums, b: Sums): number => b.long - b.short - (a.long - a.short) || (a.name < b.name ? -1 : 1);

/** Sector ETFs of the chains with their subsector ETFs under them, the largest first; held ETFs and the unmodelled come last. */
export function sectorRows(view: BookView): GroupRow[] {
  const stocks = view.positions.filter((position) => position.role === 'stock');
  const out: GroupRow[] = [];
  const sectors = [...grouped(stocks, (position) => position.chain[1] ?? 'no sector ETF')]
    .map(([name, positions]) => ({ positions, row: sums(name, positions, view.gross) }))
    .sort((a, b) => larger(a.row, b.row));
  for (const { positions, row } of sectors) {
    out.push({ ...row, depth: 0 });
    const subsectors = [...grouped(positions, (position) => position.chain[2] ?? 'no subsector ETF')];
    if (subsectors.length === 1 && positions[0]!.chain[2] === undefined) continue;
    out.push(
      ...subsectors
        .map(([name, own]) => sums(name, own, view.gross))
        .sort(larger)
        .map((own) => ({ ...own, depth: 1 as const })),
    );
  }
  for (const [name, role] of [
    ['held ETFs, investments', 'investment'],
    ['held ETFs, hedges', 'hedge'],
    ['unmodelled', 'unmodelled'],
  ] as const) {
    const rest = view.positions.filter((position) => position.role === role);
    if (rest.length > 0) out.push({ ...sums(name, rest, view.gross), depth: 0 });
  }
  return out;
}

/** Long and short stocks and investments, the held hedges, the unmodelled, and all of them; cash, which is outside gross, last. */
export function sideRows(view: BookView): Sums[] {
  const own = view.positions.filter(({ role }) => role === 'stock' || role === 'investment');
  const cash = view.positions.filter(({ role }) => role === 'cash');
  const part = (name: string, positions: readonly BookPosition[]): Sums => sums(name, positions, view.gross);
  return [
    part(
      'Long',
      own.filter((position) => (position.marketValue ?? 0) >= 0),
    ),
    part(
      'Short',
      own.filter((position) => (position.marketValue ?? 0) < 0),
    ),
    part(
      'Held hedges',
      view.positions.filter(({ role }) => role === 'hedge'),
    ),
    part(
      'Unmodelled',
      view.positions.filter(({ role }) => role === 'unmodelled'),
    ),
    part(
      'All',
      view.positions.filter(({ role }) => role !== 'cash'),
    ),
    ...(cash.length > 0 ? [{ ...part('Cash, outside gross', cash), shareOfGross: null }] : []),
  ];
}
