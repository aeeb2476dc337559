/** Whose export a file is: every adapter scores its first 64 KB, the best one must be sure and alone. */
import { HedgerowError } from '../../contract/errors.ts';
import type { ImportOptions } from '../../contract/report.ts';
import type { HoldingsMapping } from '../../contract/mapping.ts';
import { fileError } from '../issues.ts';
import { detectDelimiter, sampleRows } from '../sample.ts';
import { ADAPTERS } from './adapters.ts';
import { mappedAdapter } from './mapped.ts';
import { label } from './table.ts';
import { NOT_RECOGNISED, type Adapter, type Look, type LookRow, type Recognition, type TableAdapter } from './types.ts';

/** `layout` names an adapter to use whatever the scores, or `native` for none. */
export type BrokerOptions = ImportOptions & { readonly layout?: string };

export interface Match {
  readonly adapter: Adapter;
  readonly recognition: Recognition;
  /** That of the file, where it is not the one its broker writes. */
  readonly delimiter?: string;
}

const HEAD = 64 * 1024;
/** A header stands within these lines. */
const LINES = 60;
const SURE = 80;
const PERHAPS = 40;
const CLEAR = 10;

/** Exports of what was done, by labels that only they have. */
const ACTIVITY: readonly { readonly labels: readonly string[]; readonly broker: string; readonly fix: string }[] = [
  {
    labels: ['activity date', 'process date', 'trans code'],
    broker: 'Robinhood',
    fix: 'Robinhood has no export of positions: make a file with the columns account, ticker, quantity, as_of.',
  },
  { labels: ['run date', 'action'], broker: 'Fidelity', fix: 'Download the positions instead: Positions page, Download.' },
  { labels: ['date', 'action', 'fees & comm'], broker: 'Schwab', fix: 'Export the positions instead: Positions page, Export.' },
  {
    labels: ['trade date', 'settlement date', 'transaction type', 'investment name'],
    broker: 'Vanguard',
    fix: 'Download the holdings as CSV (they come with the transactions when an account is chosen).',
  },
  { labels: ['transactiondate', 'transactiontype'], broker: 'E*TRADE', fix: 'Download the portfolio instead: Portfolios page, Download.' },
  {
    labels: ['filled time', 'placed time'],
    broker: 'Webull',
    fix: 'Webull has no export of positions: make a file with the columns account, ticker, quantity, as_of.',
  },
  { labels: ['clientaccountid', 'tradeid'], broker: 'Interactive Brokers', fix: 'Add the section Open Positions to the Flex query.' },
  { labels: ['date', 'sub type', 'action', 'instrument type'], broker: 'tastytrade', fix: 'Export the Positions tab instead.' },
];

/** `saved`: the delimiter every table is taken apart by, whatever its broker writes. */
export function lookAt(file: string, bytes: Uint8Array, complete: boolean, saved?: string): Look {
  const head = bytes.subarray(0, HEAD);
  const whole = complete && head.length === bytes.length;
  const text = new TextDecoder('utf-8').decode(head);
  const tables = new Map<string, readonly LookRow[]>();
  return {
    file,
    text,
    rows(own) {
      const delimiter = saved ?? own;
      let rows = tables.get(delimiter);
      if (rows === undefined) {
        try {
          rows = sampleRows(file, head, whole, delimiter)
            .slice(0, LINES)
            .map((row) => ({ ...row, labels: row.cells.map(label) }));
        } catch {
          rows = [];
        }
        tables.set(delimiter, rows);
      }
      return rows;
    },
  };
}

/** Scores of all adapters, best first. */
export const score = (look: Look): Match[] => ranking(look, ADAPTERS);

const ranking = (look: Look, adapters: readonly Adapter[]): Match[] =>
  adapters.map((adapter) => ({ adapter, recognition: adapter.recognise(look) })).sort((a, b) => b.recognition.score - a.recognition.score);

/** Delimiters a table may have got on its way: copied from a sheet, saved by one, or read from a workbook. */
const SAVED = ['\t', ';', ','] as const;

/** The scores of a table that was saved with another delimiter than its broker writes; null when that makes no layout sure. */
function savedOtherwise(file: string, bytes: Uint8Array, complete: boolean): Match[] | null {
  for (const delimiter of SAVED) {
    const look = lookAt(file, bytes, complete, delimiter);
    if (look.text.split(delimiter, 4).length < 4) continue;
    const ranked = ranking(
      look,
      ADAPTERS.filter((adapter) => adapter.delimiter !== '' && adapter.delimiter !== delimiter),
    );
    if (ranked[0]!.recognition.score < SURE) continue;
    const why = `Its columns are parted by ${DELIMITER_NAMES[delimiter]}.`;
    return ranked.map(({ adapter, recognition }) => ({
      adapter,
      recognition: { ...recognition, why: [...recognition.why, why] },
      delimiter,
    }));
  }
  return null;
}
const DELIMITER_NAMES = { '\t': 'tabs', ';': 'semicolons', ',': 'commas' } as const;

function refuseActivity(look: Look): void {
  for (const row of look.rows(',')) {
    const labels = new Set(row.labels);
    const found = ACTIVITY.find((activity) => activity.labels.every((text) => labels.has(text)));
    if (!found) continue;
    const reason = `this is an activity export of ${found.broker} (columns ${found.labels.join(', ')}), not a list of positions`;
    throw fileError(look.file, 'activity_export', { reason, fix: found.fix }, row.line);
  }
}

/** A mapping is the user's word for the layout; how well its headings fit is said, and a missing one is an error of the reader. */
function byMapping(file: string, bytes: Uint8Array, complete: boolean, mapping: HoldingsMapping, options: BrokerOptions): Match {
  const delimiter = (mapping.delimiter ?? detectDelimiter(file, bytes, complete, options.delimiter).delimiter) as TableAdapter['delimiter'];
  const name = options.template ?? 'not stored';
  const adapter = mappedAdapter(name, { ...mapping, delimiter });
  const { why } = adapter.recognise(lookAt(file, bytes, complete));
  return { adapter, recognition: { score: 100, layout: `template ${name}`, why: [`Template ${name} as asked for.`, ...why] } };
}

/** A file's name breaks ties only. */
const named = (file: string, adapter: Adapter): boolean => file.toLowerCase().includes(adapter.id);

/**
 * The adapter that reads a file; null when no broker's layout is seen in it. Throws `ambiguous` when several fit alike or a
 * known layout has changed, `data` for exports that are known but hold no positions.
 */
export function recogniseBroker(file: string, bytes: Uint8Array, complete: boolean, options: BrokerOptions): Match | null {
  if ((options.kind !== undefined && options.kind !== 'holdings') || options.layout === 'native') return null;
  if (options.mapping !== undefined) return byMapping(file, bytes, complete, options.mapping, options);
  const look = lookAt(file, bytes, complete);
  if (options.layout !== undefined) {
    const adapter = ADAPTERS.find(({ id }) => id === options.layout);
    if (!adapter)
      throw new HedgerowError(
        'usage',
        `There is no layout ${options.layout}.`,
        `Layouts: native, ${ADAPTERS.map(({ id }) => id).join(', ')}.`,
      );
    const natural = adapter.recognise(look);
    const other = natural.score >= SURE ? undefined : savedOtherwise(file, bytes, complete)?.find((one) => one.adapter === adapter);
    const seen = other && other.recognition.score > natural.score ? other.recognition : natural;
    return {
      ...(seen !== natural && other?.delimiter !== undefined ? { delimiter: other.delimiter } : {}),
      adapter,
      recognition: {
        ...(seen.score > 0 ? seen : NOT_RECOGNISED),
        layout: seen.layout || adapter.name,
        why: [`Layout ${adapter.id} as asked for.`],
      },
    };
  }
  const natural = score(look);
  const ranked = natural[0]!.recognition.score >= SURE ? natural : (savedOtherwise(file, bytes, complete) ?? natural);
  const [best, ...others] = ranked as [Match, ...Match[]];
  if (best.recognition.score < SURE) refuseActivity(look);
  if (best.recognition.score < PERHAPS) return null;
  const near = [
    best,
    ...others.filter(({ recognition }) => recognition.score >= PERHAPS && best.recognition.score - recognition.score < CLEAR),
  ];
  const byName = near.filter(({ adapter }) => named(file, adapter));
  const chosen = near.length === 1 ? best : byName.length === 1 ? byName[0]! : null;
  if (chosen !== null && chosen.recognition.score >= SURE) {
    const { refusal } = chosen.recognition;
    if (refusal) throw fileError(file, refusal.code, { reason: refusal.reason, fix: refusal.fix }, refusal.line);
    return chosen;
  }
  const ids = near.map(({ adapter }) => adapter.id);
  const { missing = [], layout } = best.recognition;
  const question =
    near.length > 1
      ? `the layout may be that of ${near.map(({ adapter, recognition }) => `${adapter.name} (${recognition.score})`).join(' or ')}`
      : `this looks like a changed layout of ${layout}${missing.length > 0 ? `: it has no column ${missing.join(', ')}` : ''}`;
  throw new HedgerowError(
    'ambiguous',
    `${file}: ${question}`,
    `Say which: ${[...ids, 'native'].map((id) => `--layout ${id}`).join(' or ')}.`,
    {
      file,
      flag: '--layout',
      options: [...ids, 'native'],
    },
  );
}
