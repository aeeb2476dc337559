/** What the store shows at one revision and did not show at an earlier one, so that what was made of the earlier need not be made anew. */
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

/** A batch that came or went, and what it changed that was there already. */
export interface Replaced {
  readonly file: string;
  /** It was taken back. */
  readonly undone: boolean;
  /** Symbols, of those asked for, whose prices or imported returns it changed up to a slot. */
  readonly priced: number;
  /** The same of dividends, splits and other actions. */
  readonly acted: number;
  readonly etfMap: boolean;
  /** It says what class, or whose name, one of the symbols is. */
  readonly named: boolean;
}

/** What batches since a revision changed behind numbers of some symbols up to a slot. A day that follows changes nothing of them. */
export function replacedSince(
  ws: Workspace,
  query: { readonly revision: number; readonly symbolIds: Int32Array; readonly fields: readonly SeriesField[]; readonly lastSlot: number },
): Replaced[] {
  const { revision, lastSlot } = query;
  const parameters = { lastSlot, symbols: JSON.stringify([...query.symbolIds]), fields: JSON.stringify(query.fields) };
  const listed = (column: string, of: 'symbols' | 'fields'): string => `${column} IN (SELECT value FROM json_each(@${of}))`;
  const behind = `batch_id = @batchId AND ${listed('field', 'fields')} AND first_slot + anchored <= @lastSlot`;
  const wanted = new Set(query.symbolIds);
  return snapshotRead(ws, () => {
    const batches = all<{ batchId: number; order: number; file: string; undone: number }>(
      ws,
      `SELECT batch_id AS batchId, revision AS "order", file, revision <= @revision AS undone FROM batch
       WHERE (revision > @revision AND undone_revision IS NULL) OR (revision <= @revision AND undone_revision > @revision) ORDER BY revision`,
      { revision },
    );
    return batches.flatMap(({ batchId, order, file, undone }): Replaced[] => {
      const ids = (text: string): number[] => all<{ id: number }>(ws, text, { ...parameters, batchId }).map(({ id }) => id);
      const has = (text: string): boolean => ids(`${text} LIMIT 1`).length > 0;
      const priced = new Set(
        ids(`SELECT DISTINCT symbol_id AS id FROM series_block WHERE ${behind} AND ${listed('symbol_id', 'symbols')}`),
      );
      for (const id of ids(`SELECT tile_id AS id FROM series_tile WHERE ${behind}`))
        for (const symbolId of fetchTile(ws, id, order).symbols) if (wanted.has(symbolId)) priced.add(symbolId);
      const of = (table: string): string =>
        `SELECT DISTINCT symbol_id AS id FROM ${table} WHERE batch_id = @batchId AND ${listed('symbol_id', 'symbols')}`;
      const change = {
        priced: priced.size,
        acted: ids(of('action')).length,
        etfMap: has('SELECT 1 AS id FROM etf_map WHERE batch_id = @batchId'),
        named: has(of('classification')) || has(of('identity')) || has('SELECT 1 AS id FROM identity_decision WHERE batch_id = @batchId'),
      };
      return change.priced || change.acted || change.etfMap || change.named ? [{ file, undone: undone === 1, ...change }] : [];
    });
  });
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
