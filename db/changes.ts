/** What the store shows at one revision and did not show at an earlier one, so that what was made of the earlier need not be made anew. */
import { dayOfSlot, type Slot } from '../main/contract/units.ts';
import { all, get, snapshotRead } from './connection.ts';
import type { Workspace } from './connection.ts';
import { fetchBlock } from './blocks.ts';
import type { SeriesField } from './blocks.ts';
import { fetchTile, tileOfBlock } from './tiles.ts';
import type { Tile } from './tiles.ts';

export interface SeriesChanges {
  /** Blocks of batches committed since, in the order of their batches; one that is stored by itself is a tile of one series. */
  readonly added: readonly Tile[];
  /** Symbols with a block in a batch undone since, and the slots from the first of these blocks to the end of the last. */
  readonly removed: ReadonlySet<number>;
  readonly removedSlots: { readonly first: number; readonly last: number };
  /** Symbols with a dividend, a split or a spin-off committed or undone since. */
  readonly acted: ReadonlySet<number>;
  /** Whether anything else that returns and chains depend on came or went: names, decisions, classes, the ETF map, delistings, mergers. */
  readonly facts: boolean;
}

const FACT_TABLES = ['identity', 'identity_decision', 'classification', 'etf_map'] as const;
const TERMINAL = "('delisting', 'merger')";

/** Changes of some fields from revision `from` to the later revision `to`. */
export function seriesChanges(ws: Workspace, fields: readonly SeriesField[], from: number, to: number): SeriesChanges {
  return snapshotRead(ws, () => {
    const batches = all<{ batchId: number; revision: number; added: number }>(
      ws,
      `SELECT batch_id AS batchId, revision, revision > @from AS added FROM batch
       WHERE (revision > @from AND revision <= @to AND (undone_revision IS NULL OR undone_revision > @to))
          OR (revision <= @from AND undone_revision > @from AND undone_revision <= @to) ORDER BY revision`,
      { from, to },
    );
    const wanted = JSON.stringify(fields);
    const added: Tile[] = [];
    const [removed, acted] = [new Set<number>(), new Set<number>()];
    const removedSlots = { first: Infinity, last: -Infinity };
    let facts = false;
    for (const { batchId, revision, added: isNew } of batches) {
      facts ||=
        FACT_TABLES.some((table) => get(ws, `SELECT 1 FROM ${table} WHERE batch_id = ? LIMIT 1`, batchId) !== undefined) ||
        get(ws, `SELECT 1 FROM action WHERE batch_id = ? AND type IN ${TERMINAL} LIMIT 1`, batchId) !== undefined;
      for (const { id } of all<{ id: number }>(ws, 'SELECT DISTINCT symbol_id AS id FROM action WHERE batch_id = ?', batchId))
        acted.add(id);
      const ids = (table: string, id: string, symbol: string) =>
        all<{ id: number; symbolId: number; firstSlot: number; n: number }>(
          ws,
          `SELECT ${id} AS id, ${symbol} AS symbolId, first_slot AS firstSlot, n FROM ${table}
           WHERE batch_id = @batchId AND field IN (SELECT value FROM json_each(@wanted)) ORDER BY ${id}`,
          { batchId, wanted },
        );
      const [blocks, tiles] = [ids('series_block', 'block_id', 'symbol_id'), ids('series_tile', 'tile_id', '0')];
      if (isNew === 0) {
        for (const { firstSlot, n } of [...blocks, ...tiles]) {
          removedSlots.first = Math.min(removedSlots.first, firstSlot);
          removedSlots.last = Math.max(removedSlots.last, firstSlot + n - 1);
        }
        for (const { symbolId } of blocks) removed.add(symbolId);
        for (const { id } of tiles) for (const symbolId of fetchTile(ws, id, revision).symbols) removed.add(symbolId);
        continue;
      }
      for (const { id } of blocks) added.push(tileOfBlock(fetchBlock(ws, { blockId: id, joined: 0, order: revision })));
      for (const { id } of tiles) added.push(fetchTile(ws, id, revision));
    }
    return { added, removed, removedSlots, acted, facts };
  });
}

/** A batch that numbers were not made with, or not with all of it, and what it changes of them. */
export interface Replaced {
  readonly file: string;
  /** `late`: it was there, and says something that became known after the day the numbers are as known on. */
  readonly how: 'imported' | 'undone' | 'late';
  /** Symbols, of those asked for, whose prices or imported returns it changes up to the last slot. */
  readonly priced: number;
  /** The same of splits and other actions; of dividends those up to the last slot. */
  readonly acted: number;
  readonly etfMap: boolean;
  /** It says what class one of the symbols is. */
  readonly classed: boolean;
  /** It says whose name one of the symbols is. */
  readonly named: boolean;
}

export interface ReplacedQuery {
  readonly revision: number;
  /** EpochDays: the numbers are as known on the first and looked at on the second. */
  readonly knownOn: number;
  readonly today: number;
  readonly symbolIds: Int32Array;
  readonly fields: readonly SeriesField[];
  readonly lastSlot: number;
}

/**
 * SQL condition: of the batch aliased `b`, a fact that became known on a day is in force today and was not at @revision as known on @knownOn, or
 * the other way round.
 */
const replaced = (known: string): string => `CASE WHEN b.revision > @revision THEN b.undone_revision IS NULL
  WHEN b.undone_revision IS NULL THEN ${known} > @knownOn AND ${known} <= @today ELSE b.undone_revision > @revision END`;

/** What changed behind numbers of some symbols up to a slot since they were made. A day that follows changes nothing of them. */
export function replacedSince(ws: Workspace, query: ReplacedQuery): Replaced[] {
  const { revision, knownOn, today, lastSlot } = query;
  const parameters = {
    ...{ revision, knownOn, today, lastSlot, lastDay: dayOfSlot(lastSlot as Slot) },
    ...{ symbols: JSON.stringify([...query.symbolIds]), fields: JSON.stringify(query.fields) },
  };
  const listed = (column: string, of: 'symbols' | 'fields'): string => `${column} IN (SELECT value FROM json_each(@${of}))`;
  const found = <Row extends { batchId: number }>(columns: string, table: string, where: string, known = 'f.known_from'): Row[] =>
    all<Row>(
      ws,
      `SELECT DISTINCT f.batch_id AS batchId, ${columns} FROM ${table} f JOIN batch b ON b.batch_id = f.batch_id WHERE ${where} AND ${replaced(known)}`,
      parameters,
    );
  const symbolsIn = (table: string, where = 'true', known?: string) =>
    countBy(found<{ batchId: number; id: number }>('f.symbol_id AS id', table, `${listed('f.symbol_id', 'symbols')} AND ${where}`, known));
  return snapshotRead(ws, () => {
    const batches = all<{ batchId: number; order: number; file: string; how: Replaced['how'] }>(
      ws,
      `SELECT batch_id AS batchId, revision AS "order", file, CASE WHEN revision > @revision THEN 'imported'
         WHEN undone_revision IS NULL THEN 'late' ELSE 'undone' END AS how FROM batch ORDER BY revision`,
      { revision },
    );
    const batchOf = new Map(batches.map((one) => [one.batchId, one]));
    const priced = new Map<number, Set<number>>();
    const wanted = new Set(query.symbolIds);
    // Days that differ from value to value are in no column: where they alone decide, they are read.
    const places = (id: string, table: string, where: string) =>
      found<{ batchId: number; id: number }>(
        `f.${id} AS id`,
        table,
        `${listed('f.field', 'fields')} AND f.first_slot + f.anchored <= @lastSlot AND ${where}`,
        'ifnull(f.known_day, iif(f.known IS NULL, NULL, @today))',
      ).map((one) => ({ ...one, ...batchOf.get(one.batchId)! }));
    const take = (batchId: number, how: Replaced['how'], { known, knownDay, values, symbols, n, firstSlot, anchored }: Tile): void => {
      symbols.forEach((symbolId, at) => {
        if (!wanted.has(symbolId)) return;
        const isLate = (slot: number): boolean => {
          const i = at * n + slot - firstSlot;
          const day = known?.[i] ?? knownDay ?? -Infinity;
          return day > knownOn && day <= today && !Number.isNaN(values[i]!);
        };
        const slots = Array.from({ length: Math.min(n, lastSlot - firstSlot + 1) - anchored }, (_, i) => firstSlot + anchored + i);
        if (how !== 'late' || slots.some(isLate)) priced.set(batchId, (priced.get(batchId) ?? new Set()).add(symbolId));
      });
    };
    for (const { batchId, id, order, how } of places('block_id', 'series_block', listed('f.symbol_id', 'symbols')))
      take(batchId, how, tileOfBlock(fetchBlock(ws, { blockId: id, joined: 0, order })));
    for (const { batchId, id, order, how } of places('tile_id', 'series_tile', 'true')) take(batchId, how, fetchTile(ws, id, order));
    const acted = symbolsIn(
      'action',
      "(f.ex_day <= @lastDay OR f.type NOT IN ('dividend', 'special_dividend'))",
      'ifnull(f.known_from, f.ex_day)',
    );
    // A map that another one replaced says nothing any more, whenever it became known.
    const inForce = `f.batch_id = (SELECT max(m.batch_id) FROM etf_map m JOIN batch o ON o.batch_id = m.batch_id WHERE o.undone_revision IS NULL)`;
    const maps = countBy(found<{ batchId: number; id: number }>('0 AS id', 'etf_map', `(b.undone_revision IS NOT NULL OR ${inForce})`));
    const classed = symbolsIn('classification');
    const named = symbolsIn('identity');
    const decided = countBy(found<{ batchId: number; id: number }>('0 AS id', 'identity_decision', 'true'));
    return batches.flatMap(({ batchId, file, how }): Replaced[] => {
      const change = {
        priced: priced.get(batchId)?.size ?? 0,
        acted: acted.get(batchId) ?? 0,
        etfMap: maps.has(batchId),
        classed: classed.has(batchId),
        named: named.has(batchId) || decided.has(batchId),
      };
      return Object.values(change).some(Boolean) ? [{ file, how, ...change }] : [];
    });
  });
}

/** Rows per batch. */
function countBy(rows: readonly { readonly batchId: number }[]): Map<number, number> {
  const out = new Map<number, number>();
  for (const { batchId } of rows) out.set(batchId, (out.get(batchId) ?? 0) + 1);
  return out;
}

/**
 * The first day after `after` on which names, classes or the ETF map may change by what is stored (in any revision): a row begins, ends or
 * becomes known. A delisting or merger counts from its own day to the one behind it. Infinity when there is none.
 */
export function nextFactDay(ws: Workspace, after: number): number {
  const days = FACT_TABLES.flatMap((table) =>
    ['valid_from', 'valid_to', 'known_from'].map((column) => `SELECT min(${column}) AS day FROM ${table} WHERE ${column} > @after`),
  );
  const terminal = ['ex_day', 'ex_day + 1', 'known_from'].map(
    (day) => `SELECT min(${day}) AS day FROM action WHERE type IN ${TERMINAL} AND ${day} > @after`,
  );
  const row = get<{ day: number | null }>(ws, `SELECT min(day) AS day FROM (${[...days, ...terminal].join(' UNION ALL ')})`, { after });
  return row?.day ?? Infinity;
}
