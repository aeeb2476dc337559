/** THE routes of the read-only interface. `/openapi.json`, validation and the documentation follow this table. */
import * as v from 'valibot';
import { HedgerowError, toErrorData } from '../../contract/errors.ts';
import { day, runId, strictObject, ticker } from '../../contract/schemas.ts';
import { FIELDS } from '../../quant/cascade/index.ts';
import { cubeLines, type CubeLine } from '../cube/get.ts';
import type { CubePlan } from '../cube/plan.ts';
import { chainAt, rowOf, seriesIndex } from '../engine.ts';
import type { Session } from '../session.ts';
import { json, record, table, TABLE_FORMATS, type Body } from './tables.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `{name}` is a part of the path. */
  readonly path: string;
  readonly summary: string;
  /** Of the query and the parts of the path, or of the JSON body. */
  readonly input: v.GenericSchema;
  readonly answer: (session: Session, input: never) => Promise<Body>;
}

const RETURNS = ['returns_gross', 'l1_fr', 'l2_fr', 'l3_fr', 'l1_cfr', 'l2_cfr', 'l3_cfr', 'l1_rr', 'l2_rr', 'l3_rr', 'flags'];
const DECOMPOSITION = FIELDS.map(({ wire }) => wire)
  .filter((wire) => /^l3_(mkt|sec|sub|res)_(hr|er)$/.test(wire))
  .concat('vol', 'level', 'flags');

const years = v.pipe(v.string(), v.regex(/^\d{1,2}$/, 'a number of years'), v.transform(Number));
const period = {
  from: v.optional(day),
  to: v.optional(day),
  years: v.optional(years),
  run: v.optional(runId),
  format: v.optional(v.picklist(TABLE_FORMATS), 'json'),
};
const position = strictObject({ ticker, weight: v.pipe(v.number(), v.finite()) });

interface Period {
  readonly ticker: string;
  readonly from?: string;
  readonly to?: string;
  readonly years?: number;
  readonly run?: string;
  readonly format: (typeof TABLE_FORMATS)[number];
}

/** First day of a period given in years back from its end. */
function since({ from, to, years: back }: Period, last: string): string | undefined {
  if (from !== undefined || back === undefined) return from;
  const end = to ?? last;
  return `${String(Number(end.slice(0, 4)) - back).padStart(4, '0')}${end.slice(4).replace('02-29', '02-28')}`;
}

async function series(session: Session, input: Period, fields: readonly string[]): Promise<Body> {
  const last = (await session.reader.call('info', null)).lastDay ?? '9999-12-31';
  const request = { names: 'wire', tickers: [input.ticker], fields, from: since(input, last), to: input.to, runId: input.run } as const;
  const { plan, lines } = await cubeLines(session, await inside(session, request));
  return table(plan, lines, input.format, { ticker: input.ticker });
}

/** A start before the first day is the first day. */
async function inside<R extends { readonly from?: string | undefined }>(session: Session, request: R): Promise<R> {
  const { firstDay } = await session.reader.call('info', null);
  return request.from !== undefined && firstDay !== null && request.from < firstDay ? { ...request, from: firstDay } : request;
}

interface Latest {
  readonly plan: CubePlan;
  readonly line: CubeLine;
  readonly row: number;
  readonly chain: readonly (string | null)[];
}

/** The last row of a security at or before a date. */
async function latest(session: Session, name: string, date: string | undefined, run: string | undefined): Promise<Latest> {
  const { plan, lines } = await cubeLines(session, { names: 'wire', tickers: [name], to: date, runId: run });
  const line = lines[0];
  const row = (line?.days.length ?? 0) - 1;
  if (!line || row < 0)
    throw new HedgerowError(
      'not_found',
      `${name} has no row${date ? ` at or before ${date}` : ''}.`,
      'Import its prices and classification, then run.',
    );
  const at = rowOf(plan.panel, new Date(line.days[row]! * 86_400_000).toISOString().slice(0, 10));
  const chain = chainAt(plan.panel, seriesIndex(plan.panel).get(line.securityId)!, at);
  return { plan, line, row, chain: [chain?.market ?? null, chain?.sector ?? null, chain?.subsector ?? null] };
}

function metricsOf({ plan, line, row, chain }: Latest): Record<string, unknown> {
  return {
    ticker: line.tickers[row],
    security_id: line.securityId,
    date: new Date(line.days[row]! * 86_400_000).toISOString().slice(0, 10),
    market_etf: chain[0],
    sector_etf: chain[1],
    subsector_etf: chain[2],
    metrics: record(plan.columns, line, row),
  };
}

export const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/metrics/{ticker}',
    summary: 'All fields of a security on its last row at or before a date (default: the last day).',
    input: strictObject({ ticker, date: v.optional(day), run: v.optional(runId) }),
    answer: async (session, { ticker: name, date, run }: { ticker: string; date?: string; run?: string }) => {
      const found = await latest(session, name, date, run);
      return json({ ...metricsOf(found), lineage: Object.fromEntries(found.plan.lineage) });
    },
  },
  {
    method: 'GET',
    path: '/ticker-returns',
    summary: 'Daily gross, factor, combined factor and residual returns (ex-ante) of a security.',
    input: strictObject({ ticker, ...period }),
    answer: (session, input: Period) => series(session, input, RETURNS),
  },
  {
    method: 'GET',
    path: '/l3-decomposition',
    summary: 'Level-3 hedge ratios and shares of variance of a security through time.',
    input: strictObject({ ticker, ...period }),
    answer: (session, input: Period) => series(session, input, DECOMPOSITION),
  },
  {
    method: 'POST',
    path: '/batch/analyze',
    summary: 'Latest metrics of several securities at once; a ticker that cannot be served says why and spoils no other.',
    input: strictObject({
      tickers: v.pipe(v.array(ticker), v.minLength(1), v.maxLength(100)),
      date: v.optional(day),
      run: v.optional(runId),
    }),
    answer: async (session, { tickers, date, run }: { tickers: string[]; date?: string; run?: string }) => {
      const results: Record<string, unknown> = {};
      let lineage: unknown = null;
      for (const name of new Set(tickers)) {
        try {
          const found = await latest(session, name, date, run);
          const { metrics, ...rest } = metricsOf(found);
          lineage = Object.fromEntries(found.plan.lineage);
          results[name] = { ...rest, ticker: name, status: 'success', full_metrics: metrics };
        } catch (error) {
          results[name] = { ticker: name, status: 'error', error: toErrorData(error) };
        }
      }
      return json({ results, lineage });
    },
  },
  {
    method: 'POST',
    path: '/portfolio/aggregate',
    summary:
      'Weighted sums of every numeric field over positions. Weights are used as given: what is not covered counts as 0 and the coverage is stated. A descriptive mean, not a risk.',
    input: strictObject({
      positions: v.pipe(v.array(position), v.minLength(1), v.maxLength(500)),
      date: v.optional(day),
      run: v.optional(runId),
    }),
    answer: aggregate,
  },
];

async function aggregate(
  session: Session,
  { positions, date, run }: { positions: readonly { ticker: string; weight: number }[]; date?: string; run?: string },
): Promise<Body> {
  const numeric = FIELDS.filter(({ wire, internal }) => !internal && wire !== 'flags' && wire !== 'level').map(({ wire }) => wire);
  const sums = Object.fromEntries(numeric.map((wire) => [wire, 0]));
  const covered: Record<string, number> = Object.fromEntries(numeric.map((wire) => [wire, 0]));
  const missing: { ticker: string; weight: number; reason: string }[] = [];
  let lineage: unknown = null;
  let on: string | null = null;
  for (const { ticker: name, weight } of positions) {
    try {
      const { plan, line, row } = await latest(session, name, date, run);
      const isoDay = new Date(line.days[row]! * 86_400_000).toISOString().slice(0, 10);
      lineage = Object.fromEntries(plan.lineage);
      // Positions of different days are no portfolio of one day.
      const asked = new Date(plan.panel.days[plan.to - 1]! * 86_400_000).toISOString().slice(0, 10);
      if (isoDay !== asked) throw new HedgerowError('data', `its last row is of ${isoDay}, not ${asked}`, '');
      on = asked;
      plan.columns.forEach((column, f) => {
        const value = line.values[f]![row]!;
        if (Number.isNaN(value) || !(column.wire in sums)) return;
        sums[column.wire]! += weight * value;
        covered[column.wire]! += Math.abs(weight);
      });
    } catch (error) {
      missing.push({ ticker: name, weight, reason: toErrorData(error).message });
    }
  }
  const gross = positions.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  return json({
    label: 'Holdings-weighted sum of each field over the covered positions; a descriptive mean, not a risk.',
    date: on,
    weights: { net: positions.reduce((sum, { weight }) => sum + weight, 0), gross },
    aggregate: Object.fromEntries(numeric.map((wire) => [wire, covered[wire]! > 0 ? sums[wire] : null])),
    coverage: Object.fromEntries(numeric.map((wire) => [wire, gross > 0 ? covered[wire]! / gross : null])),
    missing,
    lineage,
  });
}
