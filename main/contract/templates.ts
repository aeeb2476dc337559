/** How a file is read, kept under a name: of a holdings file its mapping, of a price or master file its columns. */
import * as v from 'valibot';
import { chosenColumns, NATIVE_COLUMNS, type MappedKind } from './columns.ts';
import { holdingsMapping } from './mapping.ts';
import { strictObject } from './schemas.ts';

export const templateName = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,39}$/u, 'a name of up to 40 letters and digits'),
);

export const holdingsTemplate = strictObject({ name: templateName, kind: v.literal('holdings'), mapping: holdingsMapping });
export type HoldingsTemplate = v.InferOutput<typeof holdingsTemplate>;

export const columnTemplate = strictObject({
  name: templateName,
  kind: v.picklist(Object.keys(NATIVE_COLUMNS) as MappedKind[]),
  columns: chosenColumns,
  delimiter: v.optional(v.picklist([',', ';', '\t', '|'] as const)),
  decimal: v.optional(v.picklist(['.', ','] as const)),
  dateOrder: v.optional(v.picklist(['YMD', 'DMY', 'MDY'] as const)),
});
export type ColumnTemplate = v.InferOutput<typeof columnTemplate>;

const fileTemplate = v.union([holdingsTemplate, columnTemplate]);
export type FileTemplate = v.InferOutput<typeof fileTemplate>;

export const templatesInput = strictObject({ save: v.optional(fileTemplate), remove: v.optional(templateName) });
