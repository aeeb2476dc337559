/** What an export of the cube writes: which stretches of which securities, which columns, from which run. */
import { HedgerowError } from '../../contract/errors.ts';
import type { CubeColumn, Lineage as FileLineage } from '../../exporters/cube/index.ts';
import { FIELDS, FLAG } from '../../quant/cascade/index.ts';
import type { CubeUnit } from '../../workers/compute/cube.ts';
import type { ComputeProcedures } from '../../workers/compute/procedures.ts';
import type { Panel } from '../../workers/panel.ts';
import type { WorkerClient } from '../../workers/rpc.ts';
import { lineage, onPanel, panelFor, rowOf, type RunBasis } from '../engine.ts';
import { basisOf } from '../runs.ts';
import { iso, type Hooks, type Session } from '../session.ts';

export interface CubeRequest {
  readonly names: 'wire' | 'long';
  readonly tickers?: readonly string[] | undefined;
  /** The same by their numbers. */
  readonly securities?: readonly number[] | undefined;
  /** Wire or long names; all fields when left out. */
  readonly fields?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly runId?: string | undefined;
  /** ISO day: what the run would have said with what was known then. */
  readonly knownAsOf?: string | undefined;
  readonly threads?: number | undefined;
}

export interface CubePlan {
  readonly basis: RunBasis;
  readonly panel: Panel;
  readonly simulated: boolean;
  /** The security behind each ticker or number that was asked for; null when all are wanted. */
  readonly asked: readonly number[] | null;
  /** By ticker, then date: a ticker used by two companies is one stretch after the other, in an order that facts decide. */
  readonly units: readonly CubeUnit[];
  /** Rows [from, to) of the panel. */
  readonly from: number;
  readonly to: number;
  readonly columns: readonly CubeColumn[];
  /** Field of the tile behind each column. */
  readonly fields: readonly number[];
  readonly lineage: FileLineage;
  readonly workers: readonly WorkerClient<ComputeProcedures>[];
}

/** Rejects with not_found for an unknown run or ticker, usage for an unknown field or a date outside the data. */
export async function planCube(session: Session, request: CubeRequest, hooks: Hooks = {}): Promise<CubePlan> {
  const basis = await basisOf(session, request);
  const { simulated } = await session.reader.call('state', null);
  const { columns, fields } = columnsOf(request);
  const asked = request.securities ?? (request.tickers ? await resolveAll(session, basis, request.tickers) : null);
  const wanted = asked && new Set(asked);
  const panel = await panelFor(session, basis, wanted && [...wanted], hooks);
  const from = request.from === undefined ? 0 : firstRowFrom(panel, request.from);
  const to = request.to === undefined ? panel.nRows : rowOf(panel, request.to) + 1;
  const workers = session.compute.slice(0, Math.min(request.threads ?? session.threads, session.compute.length));
  const head = lineage(session, basis, panel, simulated);
  return {
    basis,
    panel,
    simulated,
    asked,
    units: unitsOf(panel, wanted, from, to),
    from,
    to,
    columns,
    fields,
    lineage: Object.entries({ ...head, settings: JSON.stringify(head.settings) }).map(([key, value]) => [key, String(value)] as const),
    workers,
  };
}

/** Work of the worker whose turn it is, on the panel of the plan. */
export function inTurn<T>(
  { workers, panel, basis }: CubePlan,
  index: number,
  work: (worker: WorkerClient<ComputeProcedures>, key: string) => Promise<T>,
): Promise<T> {
  const worker = workers[index % workers.length]!;
  return onPanel(worker, panel, basis.settings, (key) => work(worker, key));
}

function firstRowFrom(panel: Panel, date: string): number {
  const row = rowOf(panel, date);
  return iso(panel.days[row]!) < date ? row + 1 : row;
}

function columnsOf({ names, fields: wanted }: CubeRequest): Pick<CubePlan, 'columns' | 'fields'> {
  const unknown = wanted?.find((name) => !FIELDS.some((field) => !field.internal && (field.wire === name || field.long === name)));
  if (unknown !== undefined)
    throw new HedgerowError('usage', `There is no field "${unknown}".`, 'The field table of "Use it from Python" lists them.');
  const chosen = FIELDS.flatMap((field, index) =>
    field.internal || (wanted && !wanted.includes(field.wire) && !wanted.includes(field.long)) ? [] : [{ field, index }],
  );
  return {
    columns: chosen.map(({ field: { wire, long, unit, description }, index }) => ({
      name: names === 'wire' ? wire : long,
      wire,
      long,
      unit,
      description,
      ...(FIELDS[index]!.wire === 'flags' ? { bits: FLAG } : {}),
    })),
    fields: chosen.map(({ index }) => index),
  };
}

function unitsOf(panel: Panel, wanted: ReadonlySet<number> | null, from: number, to: number): CubeUnit[] {
  const units: (CubeUnit & { readonly whole: { readonly from: number; readonly to: number } })[] = [];
  panel.series.forEach((series, i) => {
    if (panel.planStart[i] === panel.planStart[i + 1] || (wanted && !wanted.has(series.securityId))) return;
    for (const span of series.names) {
      const unit = { ticker: span.ticker, series: i, from: Math.max(from, span.from), to: Math.min(to, span.to), whole: span };
      if (unit.from < unit.to) units.push(unit);
    }
  });
  // The numbers of securities come from the order of imports; whole stretches and names do not.
  const name = (unit: CubeUnit): string => panel.series[unit.series]!.name ?? '';
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return units
    .sort(
      (a, b) =>
        byText(a.ticker, b.ticker) ||
        a.whole.from - b.whole.from ||
        a.whole.to - b.whole.to ||
        byText(name(a), name(b)) ||
        a.series - b.series,
    )
    .map(({ whole: _, ...unit }) => unit);
}

async function resolveAll(session: Session, { revision, knownAsOf }: RunBasis, tickers: readonly string[]): Promise<number[]> {
  const found = await session.reader.call('resolveAll', { revision, knownAsOf, tickers, day: null });
  const unknown = tickers.find((_, i) => found[i] === null);
  if (unknown !== undefined) throw new HedgerowError('not_found', `No security is called ${unknown}.`, 'Check the spelling of the ticker.');
  return found as number[];
}
