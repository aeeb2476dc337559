/** `explain`: where one number of one security and date comes from, down to batch, file and line. */
import { HedgerowError } from '../contract/errors.ts';
import type { ExplainedWindow, ExplainInput, Explanation, RowFacts, SeriesName } from '../contract/results-explain.ts';
import { FIELDS, flagNames, F, type Served } from '../quant/cascade/index.ts';
import { returnsOfSeries, type Panel } from '../workers/panel.ts';
import {
  chainAt,
  chainSeries,
  fieldsOf,
  isOver,
  lineage,
  orNull,
  panelFor,
  returnsOf,
  rowOf,
  seriesIndex,
  servedBy,
  tickerAt,
  whyNoRow,
  type RunBasis,
} from './engine.ts';
import { basisOf } from './runs.ts';
import { dayGiven, iso, type Session } from './session.ts';

const STORED = ['close', 'adj_close', 'return'] as const;
const isStored = (field: string): field is SeriesName => (STORED as readonly string[]).includes(field);
const EX_ANTE = /^l[123]_(fr|cfr|rr)$/;
const STORED_UNIT = { close: 'dollars', adj_close: 'dollars on the base of its batch', return: 'daily return' } as const;

/** Explains a value. Rejects with `usage` for an unknown field and `not_found` for an unknown security; a missing value has a reason. */
export async function explainValue(session: Session, input: ExplainInput): Promise<Explanation> {
  const { field } = input;
  if (!isStored(field) && F[field] === undefined)
    throw new HedgerowError('usage', `There is no field ${field}.`, `Fields: ${[...STORED, ...wireNames()].join(', ')}.`);
  const basis = await basisOf(session, input);
  const day = dayGiven(input.date, 'date');
  const { revision: at, knownAsOf: known } = basis;
  const securityId = await session.reader.call('resolve', { revision: at, knownAsOf: known, ticker: input.ticker, day });
  if (securityId === null)
    throw new HedgerowError('not_found', `No security is called ${input.ticker} on ${input.date}.`, 'Check the spelling and the date.');
  const panel = await panelFor(session, basis, [securityId]);
  const series = seriesIndex(panel).get(securityId);
  if (series === undefined) throw new HedgerowError('not_found', `${input.ticker} has no prices.`, 'Import its prices, then run again.');
  const row = rowOf(panel, input.date);
  const exAnte = EX_ANTE.test(field);
  const chainRow = exAnte ? Math.max(0, row - 1) : row;
  const { knownAsOf, revision, settings } = basis;
  const { knowledge, returns, schemes } = settings;
  const {
    value: formed,
    source,
    ...facts
  } = await session.reader.call('explain', {
    revision,
    knownAsOf,
    settings: { knowledge, returns, schemes },
    securityId,
    row,
    chainRow,
  });
  const used = returnsOfSeries(panel, series)[row]!;
  // The explanation forms the return from the facts it lists; another value would mean that it lists the wrong ones.
  if (!Object.is(formed, used))
    throw new HedgerowError(
      'internal',
      `The return of ${input.ticker} on ${input.date} does not follow from its facts.`,
      'Report this with the run.',
    );

  const { simulated } = await session.reader.call('state', null);
  const chain = chainAt(panel, series, chainRow);
  const model = await modelValue(session, basis, panel, series, row, chainRow, field);
  const value = field === 'return' ? orNull(used) : isStored(field) ? storedValue(facts.prices, field, iso(panel.days[row]!)) : model.value;
  const mask = model.flags;
  return {
    lineage: lineage(session, basis, panel, simulated),
    securityId,
    ticker: tickerAt(panel, series, row),
    name: panel.series[series]!.name,
    date: iso(panel.days[row]!),
    field,
    unit: isStored(field) ? STORED_UNIT[field] : FIELDS[F[field]!]!.unit,
    value,
    ...(field === 'flags' && value !== null ? { flags: flagNames(value) } : {}),
    reason:
      value !== null ? null : reasonOf(field, chain !== null || isOver(panel, series, chainRow), model, whyNoRow(panel, series, chainRow)),
    return: { value: orNull(used), source },
    exposuresOf: exAnte && row > 0 ? iso(panel.days[row - 1]!) : null,
    chain: chain && { market: chain.market, sector: chain.sector, subsector: chain.subsector, undated: chain.undated },
    window: model.window,
    estimate: model.estimate,
    universe:
      settings.universe === undefined || mask === null ? null : { name: settings.universe, inMask: !flagNames(mask).includes('masked') },
    ...facts,
  };
}

const wireNames = (): string[] => FIELDS.filter((field) => !field.internal).map((field) => field.wire);

function storedValue(prices: RowFacts['prices'], field: SeriesName, date: string): number | null {
  const found = prices.find((price) => price.field === field && price.date === date);
  return found?.versions.find((version) => version.inForce && !version.anchor)?.value ?? null;
}

interface ModelValue {
  readonly value: number | null;
  readonly flags: number | null;
  /** Deepest level of the row of the estimate; null when there is no such row. */
  readonly level: number | null;
  readonly window: ExplainedWindow | null;
  readonly estimate: Explanation['estimate'];
  /** ETFs of the level are missing from the data. */
  readonly unpriced: boolean;
}

async function modelValue(
  session: Session,
  basis: RunBasis,
  panel: Panel,
  series: number,
  row: number,
  chainRow: number,
  field: string,
): Promise<ModelValue> {
  const model = !isStored(field);
  const wanted = [F.level!, F.flags!, ...(model ? [F[field]!] : [])];
  const rows = row + 1 - chainRow;
  const { values } = await fieldsOf(session, panel, basis.settings, [series], wanted, chainRow, row + 1);
  const at = (index: number, offset: number): number | null => orNull(values[index * rows + offset]);
  const level = at(0, 0);
  const value = model ? at(2, rows - 1) : null;
  const flags = at(1, rows - 1);
  const asked = /^l([123])_/.exec(field)?.[1];
  const answering = level === null ? 0 : asked === undefined ? level : Number(asked) === 3 && level === 2 ? 2 : Number(asked);
  const etfs = chainSeries(panel, series, chainRow);
  const served = await servedBy(session, panel, basis.settings, series, chainRow);
  const depth = Math.min(answering || Number(asked ?? 1), etfs.length);
  const window =
    model && level !== null && depth > 0 && answering <= etfs.length && served.estimated >= 0
      ? await windowOf(session, basis, panel, series, chainRow, etfs.slice(0, depth), served)
      : null;
  const estimate =
    model && served.path !== 'none'
      ? { path: served.path, estimatedOn: served.estimated < 0 ? null : iso(panel.days[served.estimated]!) }
      : null;
  return { value, flags, level, window, estimate, unpriced: chainLength(panel, series, chainRow) >= answering && answering > etfs.length };
}

/** ETFs of the chain in force, with prices or not. */
function chainLength(panel: Panel, series: number, row: number): number {
  const chain = chainAt(panel, series, row);
  return chain === null ? 0 : [chain.market, chain.sector, chain.subsector].filter((etf) => etf !== null).length;
}

async function windowOf(
  session: Session,
  basis: RunBasis,
  panel: Panel,
  series: number,
  row: number,
  etfs: readonly number[],
  { estimated, counts }: Served,
): Promise<ExplainedWindow> {
  // Slopes that are held rest on the window of their refresh day, on the returns known on the row.
  const from = Math.max(0, estimated - basis.settings.window + 1);
  const names = [series, ...etfs];
  const columns = await returnsOf(session, panel, basis.settings, names, row, from, estimated + 1);
  const rows = estimated + 1 - from;
  const regressed = counts?.[etfs.length - 1];
  const complete: number[] = [];
  for (let i = 0; i < rows; i++) if (columns.every((column) => !Number.isNaN(column[i]))) complete.push(i);
  const date = (i: number | undefined): string | null => (i === undefined ? null : iso(panel.days[from + i]!));
  return {
    level: etfs.length as 1 | 2 | 3,
    first: date(0)!,
    last: date(rows - 1)!,
    rows,
    used: complete.length,
    missing: rows - complete.length,
    ...(regressed === undefined || regressed === complete.length ? {} : { realised: regressed }),
    firstUsed: date(complete[0]),
    lastUsed: date(complete.at(-1)),
    missingBy: names
      .map((one, i) => ({ ticker: tickerAt(panel, one, row), rows: columns[i]!.filter((value) => Number.isNaN(value)).length }))
      .filter((one) => one.rows > 0),
  };
}

function reasonOf(field: string, modelled: boolean, { level, flags, window, unpriced }: ModelValue, noRow: string): string {
  if (field === 'return') return 'There is no return: the day or the session before it has no price in force.';
  if (isStored(field)) return `No ${field} of the day is in force.`;
  if (!modelled) return 'An ETF of the map has no exposures of its own on that day.';
  if (level === null) return `There is no row: ${noRow}.`;
  if (unpriced) return 'An ETF of the chain has no prices.';
  const why = flags === null ? [] : flagNames(flags);
  return `The field is empty on this row${why.length ? ` (${why.join(', ')})` : ''}${window ? `; ${window.used} rows were usable` : ''}.`;
}
