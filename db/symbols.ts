/** Symbols: the names files use for securities. Interned once, never removed, not stamped with a batch. */
import type { SymbolId } from '../main/contract/units.ts';
import { all, get, run, transaction } from './connection.ts';
import type { Workspace } from './connection.ts';

/** A name as spelled canonically. `exchange` absent or '' = not given. */
export interface SymbolRef {
  readonly type: 'ticker' | 'figi' | 'isin';
  readonly code: string;
  readonly exchange?: string;
}

export interface SymbolRow extends Required<SymbolRef> {
  readonly symbolId: SymbolId;
}

/** Ids of the refs, in their order; 0 where a name has never been stored. Changes nothing. */
export function findSymbols(ws: Workspace, refs: readonly SymbolRef[]): Int32Array {
  return Int32Array.from(refs, (ref) => find(ws, ref) ?? 0);
}

/** Ids of the refs, in their order; names not yet known get one. Part of the caller's transaction when there is one. */
export function internSymbols(ws: Workspace, refs: readonly SymbolRef[]): Int32Array {
  return transaction(ws, () =>
    Int32Array.from(refs, (ref) => {
      const insert = 'INSERT INTO symbol (type, code, exchange) VALUES (?, ?, ?)';
      return find(ws, ref) ?? run(ws, insert, ref.type, ref.code, ref.exchange ?? '').rowId;
    }),
  );
}

function find(ws: Workspace, ref: SymbolRef): number | undefined {
  const text = 'SELECT symbol_id AS id FROM symbol WHERE type = ? AND code = ? AND exchange = ?';
  return get<{ id: number }>(ws, text, ref.type, ref.code, ref.exchange ?? '')?.id;
}

/** Every symbol, by id. */
export function allSymbols(ws: Workspace): SymbolRow[] {
  return all<SymbolRow>(ws, 'SELECT symbol_id AS symbolId, type, code, exchange FROM symbol ORDER BY symbol_id');
}
