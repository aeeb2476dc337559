/** `security.regression`: the rows of the window behind one row of a security, the fit, and the run's numbers beside it. */
import type { Columns } from '../contract/methods.ts';
import type { RegressionCheck, RegressionHeader, RegressionStep } from '../contract/results-security.ts';
import { HedgerowError } from '../contract/errors.ts';
import { F } from '../quant/cascade/index.ts';
import { fitWindow, momentsOf, slopesOf, type Slopes, type WindowFit } from '../quant/cascade/window-fit.ts';
import { chainSeries, chainAt, fieldsAtLevel, lineage, orNull, returnsOf, rowOf, servedBy, tickerAt } from './engine.ts';
import { subjectOf } from './security.ts';
import { iso, type Session } from './session.ts';

export interface RegressionRequest {
  readonly runId?: string | undefined;
  readonly date?: string | undefined;
  readonly securityId: number;
  readonly level?: 1 | 2 | 3 | undefined;
}

const LEGS = ['mkt', 'sec', 'sub'] as const;
const LAYERS = ['market', 'sector', 'subsector'] as const;
/** What the numbers formed again may differ by; a collinear chain loses digits in both. */
const SAME = 1e-6;
const IDENTITY = 1e-3;

/** Rejects with not_found when the row has no level. */
export async function securityRegression(session: Session, request: RegressionRequest): Promise<Columns> {
  const { basis, simulated, panel, series, securityId } = await subjectOf(session, request);
  const { settings } = basis;
  const row = rowOf(panel, request.date);
  const wires = [
    'level',
    ...['lam_sm', 'lam_um', 'lam_us'],
    ...([1, 2, 3] as const).flatMap((k) => [...LEGS.slice(0, k).flatMap((leg) => [`l${k}_${leg}_exp`, `l${k}_${leg}_er`]), `l${k}_res_er`]),
  ];
  const { values } = await fieldsAtLevel(
    session,
    panel,
    settings,
    [series],
    wires.map((wire) => F[wire]!),
    row,
    request.level ?? 3,
  );
  const value = (wire: string): number => values[wires.indexOf(wire)]!;
  const deepest = value('level');
  const ticker = tickerAt(panel, series, row);
  const etfSeries = chainSeries(panel, series, row);
  const level = Math.min(request.level ?? 3, deepest, etfSeries.length) as 1 | 2 | 3;
  if (!(level >= 1))
    throw new HedgerowError(
      'not_found',
      `${ticker} has no level on ${iso(panel.days[row]!)}.`,
      'Choose a date with enough history before it.',
    );
  const names = chainAt(panel, series, row)!;
  const etf = [names.market, names.sector, names.subsector].slice(0, level) as string[];

  const { loss, refresh, chain, shrink, riskShares } = settings;
  const formedAgain = loss === 'squares' && refresh === 'daily' && chain === 'same-window' && shrink === 'none';
  // Slopes held since the last refresh are of the window that ended then.
  const estimated = formedAgain ? row : (await servedBy(session, panel, settings, series, row)).estimated;
  const end = estimated < 0 ? row : estimated;
  const from = Math.max(0, end - settings.window + 1);
  const [r, ...etfs] = await returnsOf(session, panel, settings, [series, ...etfSeries.slice(0, level)], row, from, end + 1);
  const exposures = LEGS.slice(0, level).map((leg) => value(`l${level}_${leg}_exp`));
  const links = { sm: orZero(value('lam_sm')), um: orZero(value('lam_um')), us: orZero(value('lam_us')) };
  const own: Slopes = { b: slopesOf(exposures, links), ...links };
  const fit = fitWindow({ r: r!, etfs }, settings, formedAgain ? undefined : own);
  const shares = LEGS.slice(0, level).map((leg) => value(`l${level}_${leg}_er`));
  const residualShare = value(`l${level}_res_er`);
  const header: RegressionHeader = {
    lineage: lineage(session, basis, panel, simulated),
    securityId,
    ticker,
    date: iso(panel.days[row]!),
    level,
    deepest: deepest as 1 | 2 | 3,
    etf,
    rows: end + 1 - from,
    used: fit.count,
    formedAgain,
    estimatedOn: iso(panel.days[end]!),
    steps: stepsOf(fit, etf, settings.intercept),
    links: { sm: level > 1 ? orNull(fit.sm) : null, um: level > 2 ? orNull(fit.um) : null, us: level > 2 ? orNull(fit.us) : null },
    exposures: exposures.map(orNull),
    shares: shares.map(orNull),
    residualShare: orNull(residualShare),
    checks: checksOf(fit, {
      r: r!,
      etfs,
      exposures,
      shares,
      residualShare,
      formedAgain,
      sharesToo: riskShares === 'explained',
      intercept: settings.intercept,
    }),
  };
  const columns: Record<string, Float64Array | Int32Array> = {
    day: Int32Array.from(panel.days.subarray(from, end + 1)),
    used: Int32Array.from(fit.used),
    weight: fit.weights,
    r: r!,
  };
  ['m', 's', 'u'].slice(0, level).forEach((name, k) => {
    columns[name] = etfs[k]!;
    if (k > 0) columns[`${name}_clean`] = fit.cleaned[k]!;
    columns[`e${k + 1}`] = fit.left[k + 1]!;
  });
  return { header: { ...header }, columns };
}

const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value);

function stepsOf(fit: WindowFit, etf: readonly string[], intercept: boolean): RegressionStep[] {
  const { mean, cov } = momentsOf(fit.used, fit.weights, intercept);
  return etf.map((name, k) => {
    const [x, y] = [fit.cleaned[k]!, fit.left[k]!];
    const slope = fit.b[k]!;
    return {
      etf: name,
      slope,
      intercept: intercept ? mean(y) - slope * mean(x) : 0,
      rSquared: orNull(cov(x, y) ** 2 / (cov(x, x) * cov(y, y))),
      collinear: fit.collinear[k]!,
    };
  });
}

interface Compared {
  readonly r: Float64Array;
  readonly etfs: readonly Float64Array[];
  readonly exposures: readonly number[];
  readonly shares: readonly number[];
  readonly residualShare: number;
  readonly formedAgain: boolean;
  /** Shares are those of MODEL.md 6. */
  readonly sharesToo: boolean;
  readonly intercept: boolean;
}

/** MODEL.md 7 with the numbers of this row, then each number of the run beside the one formed again. */
function checksOf(
  fit: WindowFit,
  { r, etfs, exposures, shares, residualShare, formedAgain, sharesToo, intercept }: Compared,
): RegressionCheck[] {
  const check = (name: string, left: number, right: number, tolerance: number, deviation = Math.abs(left - right)): RegressionCheck => ({
    name,
    left,
    right,
    deviation,
    tolerance,
    ok: deviation <= tolerance,
  });
  const e = fit.left.at(-1)!;
  let worst = -1;
  let off = 0;
  fit.used.forEach((used, t) => {
    if (!used) return;
    const deviation = Math.abs(exposures.reduce((sum, h, k) => sum + h * etfs[k]![t]!, e[t]!) - r[t]!);
    if (worst < 0 || deviation > off) [worst, off] = [t, deviation];
  });
  const out = [
    check(
      'additivity: shares and residual sum to 1',
      shares.reduce((sum, share) => sum + share, residualShare),
      1,
      IDENTITY,
    ),
    check('replication: r = Σ h f + e, the worst row', r[worst]! - off, r[worst]!, IDENTITY, off),
  ];
  if (!formedAgain) return out;
  const { cov } = momentsOf(fit.used, fit.weights, intercept);
  exposures.forEach((h, k) => out.push(check(`exposure, ${LAYERS[k]}`, h, fit.exposures[k]!, SAME * Math.max(1, Math.abs(h)))));
  if (sharesToo) shares.forEach((share, k) => out.push(check(`share of variance, ${LAYERS[k]}`, share, fit.shares[k]!, SAME)));
  if (sharesToo) out.push(check('share of variance, residual', residualShare, fit.residualShare, SAME));
  fit.cleaned.forEach((factor, k) => {
    if (!fit.collinear[k])
      out.push(
        check(
          `correlation of the residual with the ${k === 0 ? '' : 'cleaned '}${LAYERS[k]}`,
          cov(e, factor) / Math.sqrt(cov(e, e) * cov(factor, factor)),
          0,
          SAME,
        ),
      );
  });
  return out;
}
