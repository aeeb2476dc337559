import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import writeWorkbook from 'write-excel-file/node';
import { describe, expect, test } from 'vitest';
import { samples } from './brokers/testing/corpus.ts';
import { ADAPTERS } from './brokers/adapters.ts';
import { describeParsed, failure, parse } from './testing/harness.ts';
import { Tokenizer, cellText } from './tokenizer.ts';
import { workbookBombs } from './testing/workbook-bombs.ts';

type Cell = string | number | boolean | Date | null | { readonly value: number; readonly format: string };
const typed = (cell: Cell) => {
  if (cell === null || cell === '') return null;
  if (cell instanceof Date) return { value: cell, type: Date, format: 'mm/dd/yyyy' };
  if (typeof cell === 'object') return { ...cell, type: Number };
  return { value: cell, type: typeof cell === 'string' ? String : typeof cell === 'number' ? Number : Boolean };
};

async function workbook(sheets: Readonly<Record<string, readonly (readonly Cell[])[]>>): Promise<Uint8Array> {
  const list = Object.entries(sheets).map(([sheet, rows]) => ({ sheet, data: rows.map((row) => row.map(typed)) }));
  return new Uint8Array(await (writeWorkbook(list as never) as unknown as { toBuffer(): Promise<Buffer> }).toBuffer());
}

function rowsOf(bytes: Uint8Array, delimiter: string): string[][] {
  const rows: string[][] = [];
  const tokenizer = new Tokenizer('x', delimiter, (row) => {
    while (rows.length < row.line - 1) rows.push([]);
    rows.push(Array.from({ length: row.count }, (_, i) => cellText(row, i)));
  });
  tokenizer.push(bytes);
  tokenizer.finish();
  return rows;
}

const utf8 = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xff ? new TextEncoder().encode(new TextDecoder('utf-16le').decode(bytes)) : bytes;

const HOLDINGS: readonly (readonly Cell[])[] = [
  ['account', 'ticker', 'quantity', 'price', 'currency', 'as_of'],
  ['Main', 'AAPL', 36.817900000000002, 251.4, 'USD', new Date(Date.UTC(2026, 2, 6))],
  ['Main', 'BRK.B', -40, 488.1, 'USD', new Date(Date.UTC(2026, 2, 6))],
];

describe('a workbook', () => {
  test('is read as the CSV of the sheet that holds something known; numbers are what the sheet shows', async () => {
    const bytes = await workbook({ Notes: [['Read me first'], ['', 'second']], Positions: HOLDINGS });
    const parsed = await parse('book.xlsx', bytes);
    const csv =
      'account,ticker,quantity,price,currency,as_of\nMain,AAPL,36.8179,251.4,USD,2026-03-06\nMain,BRK.B,-40,488.1,USD,2026-03-06\n';
    expect(parsed.staged).toEqual((await parse('book.csv', csv)).staged);
    expect(parsed.detected.why[0]).toBe('Sheet Positions; not read: Notes.');
    expect((await failure('book.xlsx', bytes, { sheet: 'Other' })).data).toMatchObject({
      action: expect.stringContaining('Sheets: Notes, Positions.') as string,
    });
  });

  test('has its numbers as they are shown, with leading zeros, and its dates by the year they count from', async () => {
    const [header, ...rows] = HOLDINGS;
    const shown = (value: number, format: string) => ({ value, format });
    const accounts = [shown(123, '00000'), shown(4567890, '000-0000')];
    const padded = await workbook({ A: [header!, ...rows.map((row, i) => [accounts[i]!, ...row.slice(1)])] });
    const held = (parsed: Awaited<ReturnType<typeof parse>>) =>
      parsed.staged.kind === 'holdings' && parsed.staged.lines.flatMap(({ position }) => position ?? []);
    expect(held(await parse('book.xlsx', padded))).toMatchObject([
      { account: '00123', quantity: { text: '36.8179' } },
      { account: '456-7890', quantity: { text: '-40' } },
    ]);
    const parts = unzipSync(await workbook({ A: HOLDINGS }));
    const edit = (name: string, from: RegExp, to: string) => (parts[name] = strToU8(strFromU8(parts[name]!).replaceAll(from, to)));
    // The word is how LibreOffice writes it; 44625 + 1462 days are 2026-03-06 in the other system.
    edit('xl/workbook.xml', /<workbookPr\/>/g, '<workbookPr date1904="true"/>');
    edit('xl/worksheets/sheet1.xml', /<v>46087<\/v>/g, '<v>44625</v>');
    expect((await parse('book.xlsx', zipSync(parts))).staged).toEqual((await parse('book.xlsx', await workbook({ A: HOLDINGS }))).staged);
  });

  test('holds the same layouts: every sample that is a table comes out as from its CSV', async () => {
    const tables = new Map(ADAPTERS.flatMap(({ id, delimiter }) => (delimiter === '' ? [] : [[id, delimiter] as const])));
    const compared = new Set<string>();
    for (const sample of samples().filter(({ broker }) => tables.has(broker))) {
      let expected;
      try {
        expected = await parse(sample.name, sample.bytes, sample.options);
      } catch {
        continue;
      }
      // Cells as text, as a broker's own workbook has them; a sheet keeps no blank line at its end.
      const rows = rowsOf(utf8(sample.bytes), tables.get(sample.broker)!);
      const bytes = await workbook({ Sheet1: rows.map((row) => (row.length === 0 ? [null] : row)) });
      const found = await parse(sample.name.replace(/\.\w+$/, '.xlsx'), bytes, { ...sample.options, encoding: undefined as never });
      const held = (parsed: typeof found) => describeParsed(parsed).filter((line) => /^\d+: .*(position|cash|total)/.test(line));
      expect(held(found), sample.path).toEqual(held(expected));
      // The same when it is copied out of the sheet, or saved with semicolons.
      for (const delimiter of ['\t', ';']) {
        if (rows.some((row) => row.some((cell) => cell.includes(delimiter)))) continue;
        const text = rows
          .map((row) => row.map((cell) => (/^[^"]*$/.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`)).join(delimiter))
          .join('\n');
        expect(
          held(await parse(sample.name, `${text}\n`, { ...sample.options, encoding: undefined as never })),
          `${sample.path} by ${delimiter}`,
        ).toEqual(held(expected));
      }
      compared.add(sample.broker);
    }
    expect([...compared].sort()).toEqual([...tables.keys()].sort());
  });

  test('that is damaged, protected, full of macros, a bomb or no workbook is refused with the reason', async () => {
    const bytes = await workbook({ Sheet1: HOLDINGS });
    const said = async (content: Uint8Array) => (await failure('b.xlsx', content)).data.message;
    expect(await said(bytes.subarray(0, bytes.length / 2))).toMatch(/cut short or damaged/);
    expect(await said(zipSync({ 'a.csv': new Uint8Array(4) }))).toMatch(/an archive, not a workbook/);
    expect(await said(zipSync({ 'xl/workbook.xml': new Uint8Array(4), 'xl/vbaProject.bin': new Uint8Array(4) }))).toMatch(/macros/);
    for (const [, make, why] of workbookBombs) expect(await said(make())).toMatch(why);
    expect(await said(zipSync({ 'xl/workbook.xml': new TextEncoder().encode('<nonsense') }))).toMatch(/cannot be read/);
    expect(await said(await workbook({ Empty: [[null]] }))).toMatch(/no sheet of the workbook has a cell/);
    const old = Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1);
    expect(await said(old)).toMatch(/old binary workbook/);
    for (let at = 30; at < bytes.length; at += 97) {
      const damaged = bytes.slice();
      damaged[at] = damaged[at]! ^ 0x5a;
      // Either the damage is noticed, or it lies in what is not read.
      await parse('b.xlsx', damaged).catch((error: unknown) => expect(error).toHaveProperty('data.action'));
    }
  });
});
