/** One security: its three levels on a date. */
import type { LevelView, SecurityHit, SecurityView } from '../contract/results.ts';
import type { EstimatorSettings } from '../contract/settings.ts';
import { HedgerowError } from '../contract/errors.ts';
import { F, FIELDS, flagNames, FLAG, type Served } from '../quant/cascade/index.ts';
import { NO_PRICES, SPAN, type Panel } from '../workers/panel.ts';
import {
  chainAt,
  fieldsOf,
  isOver,
  lineage,
  orNull,
  panelFor,
  rowOf,
  seriesIndex,
  servedBy,
  tickerAt,
  whyNoRow,
  type RunBasis,
} from './engine.ts';
import { basisOf } from './runs.ts';
import { completeSettings } from './settings.ts';
import { dayGiven, iso, today, type Session } from './session.ts';

export interface SecurityRequest {
  readonly ticker?: string | undefined;
  readonly securityId?: number | undefined;
  readonly date?: string | undefined;
  readonly runId?: string | undefined;
  /** ISO day: what the run would have said with what was known then. */
  readonly knownAsOf?: string | undefined;
  /** Other settings than the run's, on its data: what a run with them would say. */
  readonly settings?: Partial<EstimatorSettings> | undefined;
}

async function securityOf(session: Session, basis: RunBasis, request: SecurityRequest): Promise<number> {
  if (request.securityId !== undefined) return request.securityId;
  const ticker = request.ticker ?? '';
  const day = request.date === undefined ? null : dayGiven(request.date, 'date');
  const found = await session.reader.call('resolve', { revision: basis.revision, knownAsOf: basis.knownAsOf, ticker, day });
  if (found === null)
    throw new HedgerowError(
      'not_found',
      `No security is called ${ticker}${request.date ? ` on ${request.date}` : ''}.`,
      'Check the spelling; class shares are written like BRK.B.',
    );
  return found;
}

const LEGS = ['mkt', 'sec', 'sub'] as const;

/** The levels of a row, from a lookup of field values. */
function levelViews(value: (wire: string) => number | null, chain: readonly (string | null)[]): LevelView[] {
  const out: LevelView[] = [];
  for (const level of [1, 2, 3] as const) {
    const legs = LEGS.slice(0, level).filter((_, i) => (chain[i] ?? null) !== null);
    if (legs.length < Math.min(level, 2) || (level === 3 && legs.length < 3 && value('l3_mkt_exp') === null)) continue;
    const of = (name: string): (number | null)[] => legs.map((leg) => value(`l${level}_${leg}_${name}`));
    out.push({
      level,
      etf: legs.map((leg) => chain[LEGS.indexOf(leg)]!),
      exposure: of('exp'),
      hedgeRatio: of('hr'),
      standardError: of('hr_se'),
      explained: of('er'),
      residual: value(`l${level}_res_er`),
    });
  }
  return out;
}

/** A security of a run: where everything about it is read from. */
export interface Subject {
  readonly basis: RunBasis;
  readonly simulated: boolean;
  readonly panel: Panel;
  /** Place in the panel. */
  readonly series: number;
  readonly securityId: number;
}

/** Rejects with not_found for a name nobody knows, and for a security without prices. */
export async function subjectOf(session: Session, request: SecurityRequest): Promise<Subject> {
  const [stored, { simulated }] = await Promise.all([basisOf(session, request), session.reader.call('state', null)]);
  const { settings: patch } = request;
  const basis: RunBasis = patch ? { ...stored, runId: '', settings: completeSettings({ ...stored.settings, ...patch }) } : stored;
  const securityId = await securityOf(session, basis, request);
  const panel = await panelFor(session, basis, [securityId]);
  const series = seriesIndex(panel).get(securityId);
  if (series === undefined)
    throw new HedgerowError(
      'not_found',
      `${request.ticker ?? `Security ${securityId}`} has no prices.`,
      'Import its prices, then run again.',
    );
  return { basis, simulated, panel, series, securityId };
}

/** Everything about one security on one date. Rejects with not_found when it has no row there. */
export const showSecurity = async (session: Session, request: SecurityRequest): Promise<SecurityView> =>
  viewOf(session, await subjectOf(session, request), request.date);

/** A subject on a date, or on its last day. */
export async function viewOf(session: Session, subject: Subject, date: string | undefined): Promise<SecurityView> {
  const { basis, simulated, panel, series, securityId } = subject;
  // Nearly every security has a row on the last day: it is asked for first, and together with how it came about.
  let row = rowOf(panel, date);
  let found = await rowOfSecurity(session, basis, panel, series, row);
  if (date === undefined && Number.isNaN(found.values[F.level!]!)) {
    row = await lastRowOf(session, basis, panel, series);
    found = await rowOfSecurity(session, basis, panel, series, row);
  }
  const { values, served } = found;
  const ticker = tickerAt(panel, series, row);
  const value = (wire: string): number | null => orNull(values[F[wire]!]);
  const chain = chainAt(panel, series, row);
  const day = iso(panel.days[row]!);
  if (chain === null && !isOver(panel, series, row))
    throw new HedgerowError('not_found', `${ticker} is itself an ETF of the map on ${day}.`, 'Factors have no exposures of their own.', {
      etf: ticker,
    });
  const level = value('level');
  if (chain === null || level === null)
    throw new HedgerowError('not_found', `${ticker} has no row on ${day}: ${whyNoRow(panel, series, row)}.`, 'Choose another date.');
  const mask = value('flags') ?? 0;
  const estimated = served.estimated < 0 ? row : served.estimated;
  return {
    lineage: lineage(session, basis, panel, simulated),
    securityId,
    ticker,
    name: panel.series[series]!.name,
    date: iso(panel.days[row]!),
    chain: { market: chain.market, sector: chain.sector, subsector: chain.subsector },
    classification:
      chain.sectorName === null
        ? null
        : { scheme: chain.scheme ?? '', sector: chain.sectorName, industry: chain.industryName, undated: chain.undated },
    levels: levelViews(value, [chain.market, chain.sector, chain.subsector]),
    deepest: level as 0 | 1 | 2 | 3,
    observations: value('n_obs'),
    volatility: value('vol'),
    links: { sm: value('lam_sm'), um: value('lam_um'), us: value('lam_us') },
    returnGross: value('returns_gross'),
    inWindowResidual: value('res_in'),
    residualReturn: [value('l1_rr'), value('l2_rr'), value('l3_rr')],
    flags: [...flagNames(mask), ...missingEtfs(panel, series, row)],
    identities: {
      additivity: value('additivity_dev'),
      replication: value('replication_dev'),
      ok: (mask & (FLAG.additivity | FLAG.replication)) === 0,
    },
    window: {
      first: iso(panel.days[Math.max(0, estimated - basis.settings.window + 1)]!),
      last: iso(panel.days[estimated]!),
      rows: basis.settings.window,
    },
  };
}

/** Every field of a row, and how it came about. */
async function rowOfSecurity(
  session: Session,
  { settings }: RunBasis,
  panel: Panel,
  series: number,
  row: number,
): Promise<{ readonly values: Float64Array; readonly served: Served }> {
  const all = FIELDS.map((_, i) => i);
  const [{ values }, served] = await Promise.all([
    fieldsOf(session, panel, settings, [series], all, row, row + 1),
    servedBy(session, panel, settings, series, row),
  ]);
  return { values, served };
}

/** The last row a series has: the panel's, or the last before it stopped trading. */
async function lastRowOf(session: Session, basis: RunBasis, panel: Panel, series: number): Promise<number> {
  const { values } = await fieldsOf(session, panel, basis.settings, [series], [F.level!], 0, panel.nRows);
  for (let row = panel.nRows - 1; row >= 0; row--) if (!Number.isNaN(values[row]!)) return row;
  return panel.nRows - 1;
}

/** A level can be missing because an ETF of the map has no prices here: say so. */
function missingEtfs(panel: Panel, series: number, row: number): string[] {
  for (let p = panel.planStart[series]!; p < panel.planStart[series + 1]!; p++) {
    const at = p * SPAN;
    if (panel.plan[at]! > row || row >= panel.plan[at + 1]!) continue;
    const names = panel.chains[panel.plan[at + 5]!]!;
    return [names.market, names.sector, names.subsector]
      .filter((_, i) => panel.plan[at + 2 + i] === NO_PRICES)
      .map((etf) => `no prices of ${etf}`);
  }
  return [];
}

export async function searchSecurities(session: Session, text: string, limit = 20): Promise<readonly SecurityHit[]> {
  const { revision } = await session.reader.call('state', null);
  return session.reader.call('search', { revision, knownAsOf: today(session.environment), text, limit });
}
