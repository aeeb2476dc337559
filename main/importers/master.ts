/** Master data: securities, classification, actions, shares, etf-map, universe. */
import { formatIsoDay, percentText, type EpochDay } from '../contract/units.ts';
import { foreignCurrency, isSound } from './cells.ts';
import type { TablePlan } from './detection.ts';
import { fileError } from './issues.ts';
import { LIST_NAME, listName } from './lists.ts';
import type { Env, Reader } from './reader.ts';
import { RecordReader } from './record.ts';
import type {
  ActionRow,
  ActionType,
  ClassificationRow,
  EtfMapRow,
  MasterKind,
  MasterRow,
  SecurityRow,
  SharesRow,
  StagedMaster,
  SymbolRef,
  UniverseRow,
} from './staged.ts';
import { makeSymbol } from './symbols.ts';

const MAX_ROWS = 2_000_000;
const ANY = Number.MAX_VALUE;

/** Least and greatest value of each action. */
const ACTION_RANGE: Readonly<Record<ActionType, readonly [number, number]>> = {
  split: [1e-4, 1e4],
  dividend: [0, ANY],
  special_dividend: [0, ANY],
  spinoff: [0, ANY],
  merger: [0, ANY],
  delisting: [-1, ANY],
};

const LEVELS = ['market', 'sector', 'subsector'] as const;

/** Rows of a record; null fields mean an error was reported and the rows are thrown away. */
type Build<K extends MasterKind> = (record: RecordReader, plan: TablePlan) => MasterRow[K][];

interface KindRules<K extends MasterKind> {
  readonly build: Build<K>;
  /** What may be told only once. */
  readonly key: (row: MasterRow[K]) => string;
  readonly conflict: string;
}

interface Dates {
  readonly line: number;
  readonly validFrom: EpochDay | null;
  readonly validTo: EpochDay | null;
  readonly knownFrom: EpochDay | null;
}

function readDates(record: RecordReader, required: boolean): Dates {
  const validFrom = required ? record.requiredDay('valid_from', 'warning') : record.day('valid_from', 'warning');
  const validTo = record.day('valid_to', 'fine');
  if (validFrom !== null && validTo !== null && validTo <= validFrom) {
    record.fail(
      'valid_to',
      'empty_period',
      record.text('valid_to'),
      'valid_to is not after valid_from',
      'valid_to is the first day on which the row no longer holds.',
    );
  }
  return { line: record.line, validFrom, validTo, knownFrom: record.day('known_from', 'error') };
}

const named = (symbol: SymbolRef): string => `${symbol.type} ${symbol.code} ${symbol.exchange}`;

function buildSecurity(record: RecordReader): SecurityRow[] {
  const ticker = record.symbol(['ticker']);
  const { validFrom, ...dates } = readDates(record, true);
  const ids = {
    figi: record.identifier('figi', 'error'),
    isin: record.identifier('isin', 'error'),
    cusip: record.identifier('cusip', 'error'),
    sedol: record.identifier('sedol', 'error'),
  };
  if (ticker === null || validFrom === null) return [];
  return [
    { ...dates, validFrom, ticker, ...ids, exchange: ticker.exchange, name: record.text('name'), type: record.text('type').toLowerCase() },
  ];
}

function buildClassification(record: RecordReader, plan: TablePlan): ClassificationRow[] {
  const symbol = record.symbol();
  const dates = readDates(record, false);
  if (plan.schemes.length === 0) {
    const sector = record.required('sector');
    return symbol ? [{ ...dates, symbol, sector, industry: record.text('industry'), scheme: record.text('scheme').toLowerCase() }] : [];
  }
  const rows: ClassificationRow[] = [];
  for (const { scheme, sector: at, industry: below } of plan.schemes) {
    const sector = record.textAt(at);
    const industry = record.textAt(below);
    if (sector === '' && industry !== '') {
      record.fail(
        plan.names[at]!,
        'no_sector',
        industry,
        `${scheme} has an industry (${industry}) but no sector`,
        'Fill in the sector; this scheme was left out for this row.',
        'warning',
      );
    }
    if (sector !== '' && symbol) rows.push({ ...dates, symbol, sector, industry, scheme });
  }
  return rows;
}

function buildAction(record: RecordReader): ActionRow[] {
  const symbol = record.symbol();
  const exDate = record.requiredDay('ex_date', 'warning');
  const text = record.required('type');
  const type = text.toLowerCase().replace(/[\s-]+/g, '_');
  const known = Object.hasOwn(ACTION_RANGE, type);
  if (text !== '' && !known)
    record.fail('type', 'unknown_type', text, `${text} is no type of action`, `Use one of ${Object.keys(ACTION_RANGE).join(', ')}.`);
  const [lowest, highest] = known ? ACTION_RANGE[type as ActionType] : [-ANY, ANY];
  const value = record.number('value', lowest, highest);
  // Nobody gains as much by a delisting: more likely per cent, or cash per share.
  if (type === 'delisting' && value !== null && value > 1)
    record.fail(
      'value',
      'large_delisting',
      record.text('value'),
      `a delisting with ${record.text('value')} is a return of ${percentText(value)}`,
      'Write the return as a decimal (-0.3 is a loss of 30 %); cash paid per share is a merger.',
      'warning',
    );
  // A ratio has no currency.
  const foreign = type === 'split' || type === 'delisting' ? null : foreignCurrency(record.text('currency'));
  if (foreign) record.fail('currency', 'foreign_currency', record.text('currency'), foreign.reason, foreign.fix);
  const knownFrom = record.day('known_from', 'error');
  if (!symbol || exDate === null || value === null) return [];
  return [{ line: record.line, symbol, exDate, type: type as ActionType, value, knownFrom }];
}

function buildShares(record: RecordReader): SharesRow[] {
  const symbol = record.symbol();
  const { validFrom, ...dates } = readDates(record, true);
  const shares = record.number('shares', Number.MIN_VALUE, ANY);
  return symbol && validFrom !== null && shares !== null ? [{ ...dates, validFrom, symbol, shares }] : [];
}

function buildMember(record: RecordReader, plan: TablePlan): UniverseRow[] {
  const symbol = record.symbol();
  const text = plan.list === null ? record.required('universe') : plan.list;
  const universe = text === '' ? null : listName(text);
  if (text !== '' && universe === null)
    record.fail('universe', 'bad_list_name', text, `${text} cannot be the name of a universe`, LIST_NAME);
  const dates = readDates(record, false);
  return symbol && universe !== null ? [{ ...dates, universe, symbol }] : [];
}

function buildEtfMap(record: RecordReader): EtfMapRow[] {
  const text = record.required('level');
  const level = LEVELS.find((name) => name === text.toLowerCase());
  if (text !== '' && !level) record.fail('level', 'unknown_level', text, `${text} is no level`, `Use one of ${LEVELS.join(', ')}.`);
  const code = record.required('code');
  if (level === 'market' && code !== '*')
    record.fail('code', 'market_code', code, 'the code of the market ETF must be *', 'Write * as the code.');
  const ticker = record.required('etf');
  const etf = ticker === '' ? null : makeSymbol('ticker', ticker, '');
  if (typeof etf === 'string') record.fail('etf', 'bad_symbol', ticker, `${ticker}: ${etf}`, 'Name the ETF by its ticker.');
  const other = record.text('proxy');
  const proxy = other === '' ? null : makeSymbol('ticker', other, '');
  if (typeof proxy === 'string')
    record.fail('proxy', 'bad_symbol', other, `${other}: ${proxy}`, 'Name the ETF by its ticker, or leave the cell empty.');
  if (proxy !== null && typeof proxy !== 'string' && etf !== null && typeof etf !== 'string' && proxy.code === etf.code)
    record.fail('proxy', 'own_proxy', other, 'an ETF cannot stand in for itself', 'Name another ETF, or leave the cell empty.');
  const dates = readDates(record, false);
  if (!level || etf === null || typeof etf === 'string' || typeof proxy === 'string') return [];
  return [{ ...dates, level, code, etf, proxy, scheme: record.text('scheme').toLowerCase() }];
}

const RULES: { readonly [K in MasterKind]: KindRules<K> } = {
  securities: {
    build: buildSecurity,
    key: (row) => `${named(row.ticker)} ${row.validFrom} ${row.knownFrom}`,
    conflict: 'one ticker from one day on',
  },
  classification: {
    build: buildClassification,
    key: (row) => `${named(row.symbol)} ${row.scheme} ${row.validFrom} ${row.knownFrom}`,
    conflict: 'one security, scheme and valid_from',
  },
  actions: {
    build: buildAction,
    key: (row) => `${named(row.symbol)} ${row.exDate} ${row.type} ${row.knownFrom}`,
    conflict: 'one security, ex-date and type (add up dividends of one day, or call one special_dividend)',
  },
  shares: {
    build: buildShares,
    key: (row) => `${named(row.symbol)} ${row.validFrom} ${row.knownFrom}`,
    conflict: 'one security and valid_from',
  },
  'etf-map': {
    build: buildEtfMap,
    key: (row) => `${row.level} ${row.scheme} ${row.code.toLowerCase()} ${row.validFrom} ${row.knownFrom}`,
    conflict: 'one level, scheme, code and valid_from',
  },
  universe: {
    build: buildMember,
    key: (row) => `${row.universe} ${named(row.symbol)} ${row.validFrom} ${row.knownFrom}`,
    conflict: 'one universe, security and valid_from',
  },
};

/** Lines whose period runs into the one of the next row of the same subject; both are reported. */
function overlaps(
  kind: MasterKind,
  rows: readonly (Dates & { symbol?: SymbolRef; scheme?: string; level?: string; code?: string; universe?: string })[],
  log: Env['log'],
): Set<number> {
  const wrong = new Set<number>();
  if (kind === 'securities' || kind === 'actions') return wrong;
  const subjects = new Map<string, (Dates & { symbol?: SymbolRef })[]>();
  for (const row of rows) {
    // A later version of a period is no overlap but a correction.
    if (row.knownFrom !== null) continue;
    const { symbol, scheme = '', level = '', code = '', universe = '' } = row;
    const key = `${symbol ? named(symbol) : ''}/${scheme}/${level}/${code.toLowerCase()}/${universe}`;
    const list = subjects.get(key);
    if (list) list.push(row);
    else subjects.set(key, [row]);
  }
  for (const list of subjects.values()) {
    if (list.length < 2) continue;
    list.sort((a, b) => (a.validFrom ?? -Infinity) - (b.validFrom ?? -Infinity));
    list.slice(1).forEach((row, i) => {
      const before = list[i]!;
      if (before.validTo === null || row.validFrom === null || row.validFrom >= before.validTo) return;
      for (const [one, other] of [
        [before, row],
        [row, before],
      ] as const) {
        if (wrong.has(one.line)) continue;
        wrong.add(one.line);
        log.add('error', 'overlapping_validity', one.line, 0, () => ({
          field: 'valid_to',
          reason: `lines ${before.line} and ${row.line} say two things of the days from ${formatIsoDay(row.validFrom!)} to ${formatIsoDay(before.validTo!)} (line ${other.line} is the other one)`,
          fix: 'End the earlier row where the later one begins, or say in known_from when each was known.',
        }));
      }
    });
  }
  return wrong;
}

/** Rows told twice alike are taken once; of those told differently the whole lines are rejected. */
export function settleRepeats<K extends MasterKind>(
  kind: K,
  staged: MasterRow[K][],
  log: Env['log'],
): { readonly kept: MasterRow[K][]; readonly rejected: number } {
  const { key, conflict } = RULES[kind];
  const groups = new Map<string, MasterRow[K][]>();
  for (const row of staged) {
    const name = key(row);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  if (groups.size === staged.length) return { kept: staged, rejected: 0 };
  const content = ({ line: _line, ...rest }: MasterRow[K]): string =>
    JSON.stringify(rest, (name, value: unknown) => (name === 'raw' ? undefined : value));
  const rejectedLines = new Set<number>();
  const kept: MasterRow[K][] = [];
  for (const group of groups.values()) {
    const [first] = group as [MasterRow[K]];
    const differ = group.length > 1 && group.some((row) => content(row) !== content(first));
    if (!differ) kept.push(first);
    group.forEach((row, at) => {
      const other = (at === 0 ? group[1] : first)?.line ?? 0;
      if (differ) {
        rejectedLines.add(row.line);
        log.add('error', 'duplicate_differs', row.line, 0, () => ({
          reason: `lines ${Math.min(row.line, other)} and ${Math.max(row.line, other)} differ about ${conflict}`,
          fix: 'Keep the right one of them; none was taken.',
        }));
      } else if (at > 0) {
        log.add('info', 'duplicate_equal', row.line, 0, () => ({
          reason: `line ${row.line} repeats line ${other}`,
          fix: 'Nothing to do: it was taken once.',
        }));
      }
    });
  }
  // A rejected line imports nothing, not even its other schemes.
  return { kept: kept.filter((row) => !rejectedLines.has(row.line)), rejected: rejectedLines.size };
}

/** Reader of one of the master kinds. */
export function createMasterReader(plan: TablePlan, env: Env): Reader {
  return createReader(plan.kind as MasterKind, plan, env);
}

function createReader<K extends MasterKind>(kind: K, plan: TablePlan, env: Env): Reader {
  const { log } = env;
  const { build } = RULES[kind];
  const record = new RecordReader(plan, env);
  const staged: MasterRow[K][] = [];
  let rows = 0;
  let rejected = 0;

  /** Rows of one subject that say two things of one day without saying when each was known. */
  const withoutOverlaps = (kept: MasterRow[K][]): MasterRow[K][] => {
    const wrong = overlaps(kind, kept as readonly (Dates & Partial<ClassificationRow & SharesRow & EtfMapRow & UniverseRow>)[], log);
    rejected += wrong.size;
    return wrong.size > 0 ? kept.filter((row) => !wrong.has(row.line)) : kept;
  };

  return {
    row(row) {
      if (++rows > MAX_ROWS)
        throw fileError(env.file, 'too_many_rows', { reason: `the file has more than ${MAX_ROWS} rows`, fix: 'Split it.' }, row.line);
      const errors = log.errors;
      record.use(row);
      const built = isSound(log, row, plan.header.length) ? build(record, plan) : [];
      if (log.errors > errors) rejected++;
      else staged.push(...built);
    },
    finish() {
      const settled = settleRepeats(kind, staged, log);
      rejected += settled.rejected;
      const kept = withoutOverlaps(settled.kept);
      const undated =
        kind === 'classification' || kind === 'universe' ? (kept as ClassificationRow[]).filter((row) => row.validFrom === null).length : 0;
      if (undated > 0)
        log.add('warning', kind === 'universe' ? 'undated_universe' : 'undated_classification', 0, 0, () => ({
          reason: `${kind === 'universe' ? 'Members' : 'Classifications'} without valid_from: ${undated}. They count for all dates, past ones too (possible look-ahead)`,
          fix:
            kind === 'universe'
              ? 'Add valid_from, the day each came in, to choose point in time.'
              : 'Add valid_from to classify point in time.',
        }));
      return { staged: { kind, rows: kept } as unknown as StagedMaster, extra: null, rows, rejected };
    },
  };
}
