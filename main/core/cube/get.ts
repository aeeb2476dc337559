/** The cube in memory: chosen fields of chosen tickers as typed columns, in long form. */
import { HedgerowError } from '../../contract/errors.ts';
import type { Columns } from '../../contract/methods.ts';
import { F } from '../../quant/cascade/index.ts';
import { groupBy } from '../../workers/db/group.ts';
import { fieldsOf } from '../engine.ts';
import { type Hooks, type Session } from '../session.ts';
import { inTurns } from '../turns.ts';
import { planCube, type CubePlan, type CubeRequest } from './plan.ts';

/** Values one answer may hold: 160 MB. */
const MOST_VALUES = 20_000_000;

/** Rows of one security that exist, oldest first. */
export interface CubeLine {
  readonly securityId: number;
  /** EpochDay and the ticker valid on it. */
  readonly days: Int32Array;
  readonly tickers: readonly string[];
  /** One array per column of the plan. */
  readonly values: readonly Float64Array[];
}

/** Lines of the plan's securities, by ticker. Rejects with usage when they would not fit. */
export async function cubeLines(session: Session, request: CubeRequest, hooks: Hooks = {}): Promise<{ plan: CubePlan; lines: CubeLine[] }> {
  const plan = await planCube(session, request, hooks);
  const { panel, basis, units, columns, fields, from, to } = plan;
  const named = groupBy(units, (unit) => unit.series);
  const series = [...named.keys()];
  const values = series.length * columns.length * (to - from);
  if (values > MOST_VALUES)
    throw new HedgerowError(
      'usage',
      `${values.toLocaleString('en')} values are too many for one answer (at most ${MOST_VALUES.toLocaleString('en')}).`,
      'Ask for fewer tickers, fields or dates, or export a file.',
    );
  // The level says which rows exist.
  const block = await fieldsOf(session, panel, basis.settings, series, [F.level!, ...fields], from, to, hooks);
  const rows = to - from;
  const column = (i: number, f: number): Float64Array =>
    block.values.subarray((i * (fields.length + 1) + f) * rows, (i * (fields.length + 1) + f + 1) * rows);
  const lines = await inTurns(series, (one, i): CubeLine => {
    const level = column(i, 0);
    const present: number[] = [];
    const tickers: string[] = [];
    for (const { from: first, to: last, ticker } of named.get(one)!.sort((a, b) => a.from - b.from))
      for (let row = first - from; row < last - from; row++)
        if (!Number.isNaN(level[row]!)) {
          present.push(row);
          tickers.push(ticker);
        }
    return {
      securityId: panel.series[one]!.securityId,
      days: Int32Array.from(present, (row) => panel.days[from + row]!),
      tickers,
      values: fields.map((_, f) => {
        const all = column(i, f + 1);
        return Float64Array.from(present, (row) => all[row]!);
      }),
    };
  });
  return { plan, lines };
}

/** `cube.get`: header {tickers, lineage}; columns `day`, `ticker` (index into the header's) and the fields, one row per security and date. */
export async function getCube(session: Session, request: CubeRequest): Promise<Columns> {
  const { plan, lines } = await cubeLines(session, request);
  const names = [...new Set(lines.flatMap((line) => line.tickers))];
  const index = new Map(names.map((name, i) => [name, i]));
  const together = (f: number): Float64Array => Float64Array.from(lines.flatMap((line) => Array.from(line.values[f]!)));
  return {
    header: { tickers: names, lineage: Object.fromEntries(plan.lineage) },
    columns: {
      day: Int32Array.from(lines.flatMap((line) => Array.from(line.days))),
      ticker: Int32Array.from(lines.flatMap((line) => line.tickers.map((name) => index.get(name)!))),
      ...Object.fromEntries(plan.columns.map(({ name }, f) => [name, together(f)])),
    },
  };
}
