/** What a format is: a writer, a reader and a spelling of the neutral record, for the one comparison in `files.ts`. */
import { HedgerowError } from '../../contract/errors.ts';
import type { SymbolStyle } from './profile.ts';
import type { OrderField, OrderRecord } from './records.ts';

/** An order as found in a file: every field the format carries, as spelled there. */
export type ReadOrder = Readonly<Partial<Record<OrderField, string>>>;

export interface Format {
  /** Written to manifests; changes when the layout does. */
  readonly version: number;
  readonly extension: 'csv' | 'fix' | 'json' | 'txt';
  readonly carries: readonly OrderField[];
  /** A field of a record as this format spells it. Throws `blocked` when it has no word for it. */
  readonly spell: (field: OrderField, record: OrderRecord) => string;
  readonly write: (records: readonly OrderRecord[]) => string;
  /** Accepts exactly what `write` makes; anything else throws `data` with its line. */
  readonly read: (text: string) => ReadOrder[];
}

const SEPARATOR: Readonly<Record<Exclude<SymbolStyle, 'bbg'>, string>> = { dot: '.', slash: '/', space: ' ', dash: '-', none: '' };

/** A class share's spelling: BRK.B, BRK/B, BRK B, BRK-B, BRKB, or BRK/B US Equity. */
export function spellSymbol(symbol: string, style: SymbolStyle): string {
  return style === 'bbg' ? `${spellSymbol(symbol, 'slash')} US Equity` : symbol.replace(/[./ -]/g, SEPARATOR[style]);
}

export function damaged(line: number, what: string): HedgerowError {
  return new HedgerowError('data', `Order file line ${line}: ${what}.`, 'Write the file again from its hedge; do not send this one.');
}

/** An order this format or profile cannot express. */
export function cannotWrite(message: string, action: string): HedgerowError {
  return new HedgerowError('blocked', message, `${action} Nothing was written.`);
}

/** Lines without their ends; throws `data` when the last one has none. An empty text has no line. */
export function linesOf(text: string, eol: string): string[] {
  const lines = text.split(eol);
  if (lines.pop() !== '') throw damaged(lines.length + 1, 'the last line has no line end');
  return lines;
}
