import { expect, test } from 'vitest';
import { parse } from '../testing/harness.ts';

const HEADER =
  'Symbol,Description,Qty (Quantity),Price,Price Chng $ (Price Change $),Mkt Val (Market Value),Cost Basis,% of Acct (% of Account),Asset Type';
const quoted = (cells: readonly string[]): string => cells.map((cell) => `"${cell}"`).join(',');

/** Columns: symbol 1, description 2, quantity 3, price 4, change 5, value 6, cost 7, share 8, type 9. */
type Fault = readonly [column: number, text: string, code: string];

const FAULTS: readonly Fault[] = [
  ...['1O0', '1.2.3', '12,34', '1e3', '#REF!', '#####', '10 0', '--5', '5-5', 'ten', '0x10', '$', '(5', '5)'].map((text): Fault => [
    3,
    text,
    'not_a_number',
  ]),
  ...['', '--', 'N/A', 'Incomplete', '*'].map((text): Fault => [3, text, 'missing_value']),
  ...['$1,00.00', '1.234,56', '#VALUE!', '$1 000', 'USD 5', '12..5'].map((text): Fault => [6, text, 'not_a_number']),
  ...['-$1,000.00', '($1,000.00)', '$1,000.00-', '\u2212$1,000.00'].map((text): Fault => [6, text, 'sign_conflict']),
  ...['1-Mar', 'MAR-01', '#NAME?', '1.23457E+17', 'AA%PL', '', '\u00c4BC'].map((text): Fault => [1, text, 'bad_symbol']),
  [4, '-$10.00', 'price_not_positive'],
];

test(`${FAULTS.length} faults planted in a file of 5,000 rows are all found, with their place; the other rows are read`, async () => {
  expect(FAULTS).toHaveLength(37);
  const rows = Array.from({ length: 5000 }, (_, n) => {
    const letters = [n, n / 26, n / 676].map((part) => String.fromCharCode(65 + (Math.floor(part) % 26))).join('');
    return [`T${letters}`, `NAME ${n}`, '100', '$10.00', '$0.00', '$1,000.00', '--', '0.02%', 'Equity'];
  });
  FAULTS.forEach(([column, text], index) => {
    const row = rows[100 + index * 131]!;
    row[column - 1] = text;
    // A name alone would do for a fund without a ticker.
    if (column === 1) row[1] = '';
  });
  const text = [
    '"Positions for account Individual ...482 as of 04:12 PM ET, 2026/03/06"',
    '',
    quoted(HEADER.split(',')),
    ...rows.map(quoted),
  ].join('\r\n');
  const { issues, rejected, staged } = await parse('positions.csv', text);
  const expected = FAULTS.map(([column, , code], index) => [100 + index * 131 + 4, column, code]);
  expect(issues.kept.filter(({ severity }) => severity === 'error').map(({ line, column, code }) => [line, column, code])).toEqual(
    expected,
  );
  expect(issues.kept.every(({ reason, fix }) => reason !== '' && fix !== '')).toBe(true);
  expect(rejected).toBe(37);
  expect(staged.kind === 'holdings' && staged.lines.filter(({ disposition }) => disposition === 'position')).toHaveLength(4963);
});
