/** Workbooks made to hurt their reader: small files that mean a great deal. */
import { strToU8, zipSync } from 'fflate';

const XML = '<?xml version="1.0"?>';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';

const sheet = (rows: string): string => `${XML}<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`;

/** A workbook of one sheet, given as the text of its part. */
function workbook(sheet1: string | Uint8Array, shared = ''): Uint8Array {
  return zipSync(
    {
      'xl/workbook.xml': strToU8(
        `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      ),
      'xl/_rels/workbook.xml.rels': strToU8(
        `${XML}<Relationships xmlns="${PACKAGE}"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
      ),
      'xl/styles.xml': strToU8(`${XML}<styleSheet xmlns="${MAIN}"><cellXfs count="1"><xf numFmtId="0"/></cellXfs></styleSheet>`),
      'xl/sharedStrings.xml': strToU8(`${XML}<sst xmlns="${MAIN}"><si><t>${shared}</t></si></sst>`),
      'xl/worksheets/sheet1.xml': typeof sheet1 === 'string' ? strToU8(sheet1) : sheet1,
    },
    { level: 1 },
  );
}

/** Says in the archive's list that every part unpacks to `size` bytes. */
function claim(archive: Uint8Array, size: number): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  for (let at = 0; at + 46 < archive.length; at++) if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, size, true);
  return archive;
}

const cell = (place: string): string => sheet(`<row r="1"><c r="${place}"><v>1</v></c></row>`);

/** What it is, the file, and what its refusal must say. */
export const workbookBombs: readonly (readonly [what: string, make: () => Uint8Array, why: RegExp])[] = [
  ['a workbook that unpacks to gigabytes', () => claim(workbook(sheet('')), 900_000_000), /unpacks to more than 300 MB/],
  ['a workbook that hides how large it is', () => claim(workbook(new Uint8Array(16 << 20)), 4000), /larger than the workbook says/],
  ['a workbook with one cell at the far end', () => workbook(cell('XFD1048576')), /row 1048576 and column 16384/],
  ['a workbook with a cell in a row there is not', () => workbook(cell('A900000000')), /row 900000000/],
  ['a workbook with a cell in a column there is not', () => workbook(cell('ZZZZZZ1')), /column 321272406/],
  ['a workbook whose cell hides where it is', () => workbook(cell('&#88;FD1048576')), /damaged/],
  [
    'a workbook that repeats one long text',
    () => {
      const rows = Array.from({ length: 400 }, (_, i) => `<row r="${i + 1}"><c r="A${i + 1}" t="s"><v>0</v></c></row>`);
      return workbook(sheet(rows.join('')), 'A'.repeat(1 << 20));
    },
    /more than 300 MB of text/,
  ],
  ['a workbook of nothing but opening tags', () => workbook('<a>'.repeat(300_000)), /cannot be read/],
];
