/** `book.fields`: any fields of the cube for the positions of a book, as columns; a book view carries only the chosen level. */
import type { Columns } from '../contract/methods.ts';
import { loadBook, type BookRequest } from './book.ts';
import { fieldIndexes, fieldsOf, lineage, seriesIndex } from './engine.ts';
import { kept } from './kept.ts';
import { iso, type Hooks, type Session } from './session.ts';

/** Rejects with usage for an unknown field. ETFs of the map and unmodelled positions have no rows: NaN. */
export async function bookFields(session: Session, request: BookRequest, fields: readonly string[], hooks: Hooks = {}): Promise<Columns> {
  const indexes = fieldIndexes(fields);
  const book = await loadBook(session, request, hooks);
  const { panel, basis, row, held } = book;
  const series = seriesIndex(panel);
  const stocks = [...new Set(held.flatMap(({ view }) => (view.role === 'stock' ? [series.get(view.securityId!)!] : [])))];
  const { values } = await kept(
    panel,
    [basis.settings, stocks, indexes, row],
    (own) => fieldsOf(session, panel, basis.settings, stocks, indexes, row, row + 1, own),
    hooks,
  );
  const place = new Map(stocks.map((one, i) => [one, i]));
  // Looked up once: sixty fields of ten thousand positions are many.
  const rows = Int32Array.from(held, ({ view }) => (view.role === 'stock' ? place.get(series.get(view.securityId!)!)! : -1));
  const columns: Record<string, Float64Array | Int32Array> = {};
  fields.forEach((wire, f) => {
    const column = new Float64Array(rows.length);
    rows.forEach((at, i) => (column[i] = at < 0 ? NaN : values[at * fields.length + f]!));
    columns[wire] = column;
  });
  return { header: { lineage: lineage(session, basis, panel, book.simulated), date: iso(panel.days[row]!) }, columns };
}
