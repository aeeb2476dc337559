/** A grid of a screen as a workbook: text stays text, numbers are numbers with the decimals of the screen. */
import { writeFileSync } from 'node:fs';
import writeXlsxFile from 'write-excel-file/node';

/** null is an empty cell: missing stays missing. */
export type SheetRow = readonly (string | number | null)[];

export interface Sheet {
  readonly sheet: string;
  /** `decimals`: null for a column of text. */
  readonly columns: readonly { readonly label: string; readonly decimals: number | null }[];
  readonly rows: readonly SheetRow[];
}

/** Text is written as a string cell, which no spreadsheet runs as a formula. */
export async function writeSheet(path: string, { sheet, columns, rows }: Sheet): Promise<void> {
  const head = columns.map(({ label, decimals }) => ({
    value: label,
    fontWeight: 'bold' as const,
    ...(decimals === null ? {} : { align: 'right' as const }),
  }));
  const formats = columns.map(({ decimals }) => `#,##0${decimals ? `.${'0'.repeat(decimals)}` : ''}`);
  const body = rows.map((row) =>
    columns.map((_, c) => {
      const value = row[c] ?? null;
      if (value === null) return null;
      return typeof value === 'number' ? { value, type: Number, format: formats[c]! } : { value, type: String };
    }),
  );
  const widths = columns.map(({ label }, c) => ({
    width: Math.min(48, Math.max(8, label.length + 2, ...rows.slice(0, 200).map((row) => String(row[c] ?? '').length + 1))),
  }));
  const workbook = writeXlsxFile([head, ...body], { sheet, columns: widths, stickyRowsCount: 1, stickyColumnsCount: 1 });
  writeFileSync(path, await workbook.toBuffer(), { mode: 0o600 });
}
