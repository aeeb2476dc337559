/** One security through time, the regression behind a row of it, all fields of a book's positions, and what screens save. */
import * as v from 'valibot';
import type { Columns } from './methods.ts';
import { account, day, id, level, pick, runId, strictObject, text } from './schemas.ts';

const fileName = (ending: string) =>
  v.pipe(v.string(), v.regex(new RegExp(`^[\\w][\\w .-]{0,80}\\.${ending}$`), `a file name ending in .${ending}`));

const isCell = (cell: unknown): boolean => cell === null || (typeof cell === 'string' ? cell.length <= 400 : Number.isFinite(cell));
/** Looked at by hand: a large book has half a million cells, which a schema takes seconds for. */
const isSheet = (rows: unknown): boolean =>
  Array.isArray(rows) &&
  rows.length <= 200_000 &&
  rows.every((row: unknown) => Array.isArray(row) && row.length <= 200 && row.every(isCell));

export const SECURITY_METHODS = {
  /** All that a screen shows of a security, in one answer; `fields` by wire name, over all days. header: SecurityHeader. */
  'security.open': {
    kind: 'columns',
    input: strictObject({ ...pick, securityId: id, fields: v.pipe(v.array(text(40)), v.minLength(1), v.maxLength(80)) }),
  },
  /** header: RegressionHeader. */
  'security.regression': {
    kind: 'columns',
    input: strictObject({ runId: v.optional(runId), date: v.optional(day), securityId: id, level: v.optional(level) }),
  },
  /** Fields of each position of `book.get`, in its order; NaN for those without a row. header: {lineage, date}. */
  'book.fields': {
    kind: 'columns',
    input: strictObject({
      ...pick,
      snapshotId: v.optional(id),
      account: v.optional(account),
      level: v.optional(level),
      fields: v.pipe(v.array(text(40)), v.minLength(1), v.maxLength(80)),
    }),
  },
  /** Share of the book's gross value that the model covers, for screens that show something else; null without any value. */
  'book.coverage': {
    kind: 'call',
    input: strictObject({ ...pick, snapshotId: v.optional(id), account: v.optional(account), level: v.optional(level) }),
  },
  /** A grid as an XLSX file: numbers stay numbers, with the decimals of the screen. */
  'files.offerSheet': {
    kind: 'call',
    input: strictObject({
      name: fileName('xlsx'),
      sheet: v.pipe(v.string(), v.regex(/^[\w][\w ().-]{0,30}$/, 'a sheet name')),
      columns: v.pipe(
        v.array(strictObject({ label: text(80), decimals: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(12))) })),
        v.minLength(1),
        v.maxLength(200),
      ),
      rows: v.custom<(string | number | null)[][]>(isSheet, 'rows of text, numbers and null'),
    }),
  },
  /** A chart as a PNG file, drawn by the screen. */
  'files.offerImage': {
    kind: 'call',
    input: strictObject({
      name: fileName('png'),
      /** Base64 of a PNG. */
      png: v.pipe(v.string(), v.regex(/^iVBORw0KGgo[A-Za-z0-9+/]+={0,2}$/, 'a PNG as base64'), v.maxLength(7_500_000)),
    }),
  },
} as const;

type Offered = { readonly artifactId: string; readonly name: string; readonly bytes: number };

export interface SecurityOutput {
  'security.open': Columns;
  'security.regression': Columns;
  'book.fields': Columns;
  'book.coverage': { readonly coverage: number | null; readonly unvalued: number };
  'files.offerSheet': Offered;
  'files.offerImage': Offered;
}
