/**
 * What batches brought, sealed: the journal's entry of a commit carries hashes over the rows that the batch added, so what is changed on the
 * disk later, by a hand or a failing drive, is seen. Of prices it is the number of rows: each carries a checksum that every read compares.
 */
import { createHash, type Hash } from 'node:crypto';
import { all, get, guarded, statement } from './connection.ts';
import type { Workspace } from './connection.ts';

/** Of one batch. */
export interface Seal {
  /** SHA-256 of its rows. */
  readonly rows: string;
  /** SHA-256 of the names that came with it: the symbols after one and up to another. */
  readonly names: string;
  readonly after: number;
  readonly upTo: number;
  /** Blocks and tiles of prices; absent where the batch was sealed before they were counted. */
  readonly series?: number;
}

/** What the journal says of batches: its commits, oldest first (without a seal: from before there were any), and the revisions of undos. */
export interface JournaledBatches {
  readonly commits: readonly { readonly batchId: number; readonly file: string; readonly seal?: Seal }[];
  readonly undone: ReadonlyMap<number, number>;
}

/** A batch that is not what the journal says. `part`: its rows, names of securities (which no undo puts right), or whether it is undone. */
export interface AlteredBatch {
  readonly batchId: number;
  readonly file: string;
  readonly part: 'rows' | 'names' | 'undo';
}

const rowsOfTable = (table: string, batch = 'batch_id', key = 'rowid'): string =>
  `SELECT ${batch}, t.* FROM ${table} t WHERE ${key} > ? ORDER BY ${key}`;
/** Rows after one, by table: their batch, then columns that never change. A column added later is null in earlier rows and leaves their seals. */
const ROWS: Readonly<Record<string, string>> = {
  batch: `SELECT batch_id, revision, kind, file, source, sha256, bytes, importer_version, imported_at, import_day, counts, report, options
    FROM batch WHERE batch_id > ? ORDER BY batch_id`,
  security: rowsOfTable('security', 'created_batch'),
  identity: rowsOfTable('identity'),
  identity_decision: rowsOfTable('identity_decision'),
  classification: rowsOfTable('classification'),
  action: rowsOfTable('action'),
  shares: rowsOfTable('shares'),
  etf_map: rowsOfTable('etf_map'),
  universe_list: `${rowsOfTable('universe_list', 'batch_id', 'batch_id')}, name`,
  universe_member: rowsOfTable('universe_member'),
  // Books of years are most of all there is: the lines of one are read as one text, without columns added later.
  holdings_snapshot: `SELECT batch_id, (SELECT json_group_array(json_array(l.line, l.disposition, l.account, l.ticker, l.symbol_id, l.quantity,
      l.quantity_e8, l.price, l.market_value, l.currency, l.name, l.cusip, l.isin, l.raw, l.kind) ORDER BY l.line, l.rowid)
      FROM holdings_line l WHERE l.snapshot_id = t.snapshot_id), t.* FROM holdings_snapshot t WHERE t.snapshot_id > ? ORDER BY t.snapshot_id`,
};
/** Tables of prices. */
const SERIES = ['series_block', 'series_tile'];
const NAMES = 'SELECT symbol_id, type, code, exchange FROM symbol WHERE symbol_id > ? ORDER BY symbol_id';

/** A row of each table, the last that is meant. */
export type RowIds = Readonly<Record<string, number>>;

/** The last row of every table; a file of an older format, which has no seals, lacks some. */
export function lastRows(ws: Workspace): RowIds {
  const tables = all<{ name: string }>(ws, "SELECT name FROM sqlite_schema WHERE type = 'table'").map(({ name }) => name);
  const last = (table: string): number => {
    const key = table === 'universe_list' ? 'batch_id' : 'rowid';
    return get<{ last: number | null }>(ws, `SELECT max(${key}) AS last FROM ${table}`)!.last ?? 0;
  };
  return Object.fromEntries(
    [...Object.keys(ROWS), ...SERIES, 'symbol'].filter((table) => tables.includes(table)).map((table) => [table, last(table)]),
  );
}

function add(hash: Hash, table: string, row: unknown[]): void {
  while (row.at(-1) === null) row.pop();
  // The length before a text tells where it ends, whatever is in it.
  hash.update(`${table} ${row.map((value) => (typeof value === 'string' ? `${value.length}:${value}` : String(value))).join()}\n`);
}

/** SHA-256 of the rows after some, by batch. */
function rowHashes(ws: Workspace, after: RowIds): Map<number, string> {
  const hashes = new Map<number, Hash>();
  for (const [table, text] of Object.entries(ROWS))
    for (const row of statement(ws, text)
      .raw()
      .iterate(after[table] ?? 0) as Iterable<[number, ...unknown[]]>) {
      let hash = hashes.get(row[0]);
      if (hash === undefined) hashes.set(row[0], (hash = createHash('sha256')));
      add(hash, table, row);
    }
  return new Map([...hashes].map(([batchId, hash]) => [batchId, hash.digest('hex')]));
}

/** Rows of prices after some, by batch. All of them are counted in an index: the rows themselves are most of the file. */
function seriesCounts(ws: Workspace, after: RowIds): Map<number, number> {
  const counts = new Map<number, number>();
  for (const table of SERIES) {
    const from = after[table] ?? 0;
    const which = from === 0 ? '' : `WHERE rowid > ${from}`;
    const text = `SELECT batch_id AS batchId, count(*) AS count FROM ${table} ${which} GROUP BY batch_id`;
    for (const { batchId, count } of ws.sql.prepare(text).all() as { batchId: number; count: number }[])
      counts.set(batchId, (counts.get(batchId) ?? 0) + count);
  }
  return counts;
}

const namesAfter = (ws: Workspace, symbolId: number): [number, ...unknown[]][] =>
  statement(ws, NAMES).raw().all(symbolId) as [number, ...unknown[]][];

function hashOfNames(names: readonly unknown[][]): string {
  const hash = createHash('sha256');
  for (const row of names) add(hash, 'symbol', row);
  return hash.digest('hex');
}

/** To be called before a batch writes anything; the answer, called when it has written all, is its seal. */
export function beginSeal(ws: Workspace): (batchId: number) => Seal {
  const before = lastRows(ws);
  const after = before.symbol!;
  return (batchId) =>
    guarded(ws.dir, () => {
      const names = namesAfter(ws, after);
      return {
        rows: rowHashes(ws, before).get(batchId)!,
        names: hashOfNames(names),
        after,
        upTo: names.at(-1)?.[0] ?? after,
        series: seriesCounts(ws, before).get(batchId) ?? 0,
      };
    });
}

/**
 * The batches that are not what some entries of the journal say, oldest first: of all there are or of those whose rows come `after` some, and
 * whatever those entries undo. The rows of one that is undone are not looked at: no new run reads them.
 */
export function alteredBatches(ws: Workspace, { commits, undone }: JournaledBatches, after: RowIds): AlteredBatch[] {
  return guarded(ws.dir, () => {
    const found = commits.some(({ seal }) => seal) ? rowHashes(ws, after) : new Map<number, string>();
    const counts = commits.some(({ seal }) => seal?.series !== undefined) ? seriesCounts(ws, after) : new Map<number, number>();
    const names = namesAfter(ws, after.symbol ?? 0);
    const stored = all<{ batchId: number; file: string; undone: number | null }>(
      ws,
      'SELECT batch_id AS batchId, file, undone_revision AS undone FROM batch ORDER BY batch_id',
    );
    const known = new Map(stored.map((batch) => [batch.batchId, batch]));
    const altered = commits.flatMap(({ batchId, file, seal }): AlteredBatch[] => {
      const undoneAt = undone.get(batchId) ?? null;
      if ((known.get(batchId)?.undone ?? null) !== undoneAt) return [{ batchId, file, part: 'undo' }];
      if (seal === undefined) return known.has(batchId) ? [] : [{ batchId, file, part: 'rows' }];
      const own = names.slice(countUpTo(names, seal.after), countUpTo(names, seal.upTo));
      if (hashOfNames(own) !== seal.names) return [{ batchId, file, part: 'names' }];
      const whole = found.get(batchId) === seal.rows && (seal.series === undefined || seal.series === (counts.get(batchId) ?? 0));
      return undoneAt === null && !whole ? [{ batchId, file, part: 'rows' }] : [];
    });
    const committed = new Set(commits.map(({ batchId }) => batchId));
    const others = stored.flatMap(({ batchId, file, undone: undoneAt }): AlteredBatch[] => {
      if (committed.has(batchId)) return [];
      if (batchId > (after.batch ?? 0)) return [{ batchId, file, part: 'rows' }];
      return undone.has(batchId) && undone.get(batchId) !== undoneAt ? [{ batchId, file, part: 'undo' }] : [];
    });
    return [...altered, ...others];
  });
}

/** How many of `names`, by id, there are up to one. */
function countUpTo(names: readonly [number, ...unknown[]][], symbolId: number): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (names[middle]![0] <= symbolId) low = middle + 1;
    else high = middle;
  }
  return low;
}
