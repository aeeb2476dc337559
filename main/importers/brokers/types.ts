/** Shapes the broker importers share. */
import type { SampleRow } from '../sample.ts';
import type { Instrument } from '../staged.ts';
import type { Book } from './book.ts';
import type { OptionTerms } from './names.ts';

/** Cells a position may come with; `asOf` is its own date. */
export type Field =
  | 'account'
  | 'symbol'
  | 'cusip'
  | 'isin'
  | 'name'
  | 'quantity'
  | 'price'
  | 'value'
  | 'weight'
  | 'currency'
  | 'multiplier'
  | 'assetClass'
  | 'side'
  | 'asOf'
  | 'localCurrency'
  | 'localPrice'
  | 'localValue';

/** What one line says of a holding, as written. */
export interface Facts extends Partial<Readonly<Record<Field, string>>> {
  readonly line: number;
  /** Columns from 1, for issues. */
  readonly columns?: Partial<Readonly<Record<Field, number>>>;
  /** What it is, where the layout says so. */
  readonly kind?: Instrument;
  /** A tax lot: left out when the file also has the position's own line. */
  readonly lot?: boolean;
  /** The row has fewer cells than the header: only believed when quantity, price and value agree. */
  readonly short?: boolean;
  /** Terms of an option whose symbol does not tell them. */
  readonly option?: OptionTerms;
  /** The value is in another currency than the price: do not compare them. */
  readonly foreign?: boolean;
  /** Why the symbol may be another one than was read: told with the line. */
  readonly doubt?: string;
}

export interface LookRow extends SampleRow {
  /** The cells as labels are compared. */
  readonly labels: readonly string[];
}

/** The first 64 KB of a file, as text and as records (the first 60 lines). */
export interface Look {
  readonly file: string;
  readonly text: string;
  rows(delimiter: string): readonly LookRow[];
}

/** Why a file is known but not taken. */
export interface Refusal {
  readonly code: string;
  readonly line: number;
  readonly reason: string;
  readonly fix: string;
}

export interface Recognition {
  /** 0–100; 80 and more is sure. */
  readonly score: number;
  /** Name of the layout, e.g. `Schwab positions (2024 labels)`. */
  readonly layout: string;
  /** One sentence per piece of evidence. */
  readonly why: readonly string[];
  /** What a nearly known layout lacks. */
  readonly missing?: readonly string[];
  readonly refusal?: Refusal;
}

export interface BrokerRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** Column (from 1) with text behind a closing quote or bytes that are no text; 0 when the record is sound. */
  readonly malformed: number;
}

/** Takes the records of a table one by one. */
export interface TableSink {
  row(row: BrokerRow): void;
  finish(): void;
}

interface AdapterBase {
  readonly id: string;
  /** e.g. `Schwab positions`. */
  readonly name: string;
  recognise(look: Look): Recognition;
}

export interface TableAdapter extends AdapterBase {
  readonly delimiter: ',' | ';' | '\t' | '|';
  open(book: Book): TableSink;
}

/** Reads the whole text at once (XML, OFX). */
export interface TextAdapter extends AdapterBase {
  readonly delimiter: '';
  read(text: string, book: Book): void;
}

export type Adapter = TableAdapter | TextAdapter;

export const NOT_RECOGNISED: Recognition = { score: 0, layout: '', why: [] };
