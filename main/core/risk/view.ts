/** `risk`: where the volatility of a book comes from (MODEL.md 10). */
import type { RiskIdentity, RiskView } from '../../contract/results-risk.ts';
import { weightedAggregate } from '../../quant/book/index.ts';
import type { Decomposition } from '../../quant/risk/index.ts';
import { loadBook, type Book, type BookRequest } from '../book.ts';
import { lineage, onPanel } from '../engine.ts';
import { iso, type Hooks, type Session } from '../session.ts';
import { inTurns, packedInTurns, unpacked } from '../turns.ts';
import { riskBookOf, type RiskBook } from './inputs.ts';

export const getRisk = async (session: Session, request: BookRequest, hooks: Hooks = {}): Promise<RiskView> =>
  riskView(session, await loadBook(session, request, hooks), request.level ?? 3, hooks);

export async function riskView(session: Session, book: Book, level: 1 | 2 | 3, hooks: Hooks): Promise<RiskView> {
  const inputs = await riskBookOf(session, book);
  const { window, length, left } = inputs;
  const { exposure, panel, row, basis } = book;
  const parts = await partsOf(session, inputs, hooks);
  return {
    lineage: lineage(session, basis, panel, book.simulated),
    snapshotId: book.priced.snapshotId,
    snapshotAsOf: iso(book.priced.asOf),
    date: iso(panel.days[row]!),
    level,
    gross: exposure.gross,
    net: exposure.net,
    coverage: exposure.coverage,
    unvalued: exposure.unpriced,
    rows: parts?.rows.length ?? 0,
    window: { ...window, sessions: length },
    left,
    risk: parts && (await riskOf(inputs, parts)),
    aggregate: aggregate(inputs),
  };
}

/** The sums are made where the returns are; null with fewer than two common rows. */
async function partsOf(session: Session, { book, holdings, series, from, length }: RiskBook, hooks: Hooks): Promise<Decomposition | null> {
  const { panel, row, basis } = book;
  const packed = await packedInTurns(holdings);
  const worker = session.answering;
  const parts = await onPanel(worker, panel, basis.settings, (key) =>
    worker.call(
      'risk',
      { key, holdings: packed, series: series.kept, etfs: series.etfs, row, from, to: from + length },
      { signal: hooks.signal },
    ),
  );
  return parts && { ...parts, positions: await unpacked(parts.positions) };
}

async function riskOf({ kept, codes }: RiskBook, parts: Decomposition): Promise<NonNullable<RiskView['risk']>> {
  const { variance, structure } = parts;
  return {
    volatility: parts.volatility,
    variance: {
      total: variance.total,
      factor: variance.factor,
      residual: variance.residualShrunk,
      cross: variance.cross,
      shrinkage: variance.shrinkage,
      residualDiagonal: variance.residualDiagonal,
    },
    model: Math.sqrt(variance.factor + variance.residualShrunk),
    modelDiagonal: Math.sqrt(variance.factor + variance.residualDiagonal),
    shrinkageIntensity: structure.intensity,
    averageResidualCorrelation: structure.averageCorrelation,
    firstResidualComponent: structure.firstComponent,
    positions: await inTurns(parts.positions, (line, i) => ({ name: kept[i]!.view.ticker, account: kept[i]!.view.account, ...line })),
    etfs: parts.etfs.map((line, i) => ({ name: codes[i]!, ...line })),
    layers: Object.entries(parts.layers).map(([layer, contribution]) => ({ layer, contribution })),
    residual: parts.residual,
    standalone: parts.standalone,
    diversification: parts.diversification,
    identities: identities(parts),
  };
}

/** What must hold, checked on the figures that are shown. Deviations are relative to the sum of the positions' own volatilities. */
function identities(parts: Decomposition): RiskIdentity[] {
  const { volatility, variance, residual, standalone } = parts;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const check = (name: string, value: number, expected: number, tolerance: number, scale: number): RiskIdentity => {
    const deviation = scale === 0 ? 0 : Math.abs(value - expected) / scale;
    return { name, deviation, tolerance, ok: deviation <= tolerance };
  };
  return [
    check('positions sum to the volatility', sum(parts.positions.map((line) => line.contribution)), volatility, 1e-10, standalone),
    check(
      'ETFs and residual sum to the volatility',
      sum(parts.etfs.map((line) => line.contribution)) + residual,
      volatility,
      1e-10,
      standalone,
    ),
    check('layers and residual sum to the volatility', sum(Object.values(parts.layers)) + residual, volatility, 1e-10, standalone),
    check(
      'factor, residual, cross term and shrinkage sum to the variance',
      variance.factor + variance.residualShrunk + variance.cross + variance.shrinkage,
      variance.total,
      1e-9,
      standalone ** 2,
    ),
  ];
}

/** Holdings-weighted sums of the single-stock shares; the uncovered count as 0. */
function aggregate({ book }: RiskBook): RiskView['aggregate'] {
  const stocks = book.held.filter(({ view }) => view.role !== 'hedge');
  const weights = stocks.map(({ view }) => view.weight);
  const gross = weights.reduce<number>((sum, weight) => sum + Math.abs(weight ?? 0), 0);
  const line = (field: string, of: (one: (typeof stocks)[number]) => number | null | undefined): RiskView['aggregate'][number] => {
    const values = stocks.map((one) => of(one) ?? NaN);
    const covered = values.reduce((sum, value, i) => sum + (Number.isNaN(value) ? 0 : Math.abs(weights[i] ?? 0)), 0);
    return { field, value: weightedAggregate(weights, values), coverage: gross === 0 ? null : covered / gross };
  };
  return [
    line('market share of variance', ({ view }) => view.explained[0]),
    line('sector share of variance', ({ view }) => view.explained[1]),
    line('subsector share of variance', ({ view }) => view.explained[2]),
    line('residual share of variance', ({ view }) => view.residual),
    line('volatility', ({ view }) => view.volatility),
  ];
}
