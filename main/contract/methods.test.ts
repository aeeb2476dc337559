import * as v from 'valibot';
import { expect, it } from 'vitest';
import { METHODS, type Method } from './methods.ts';

const accepts = (method: Method, input: unknown): boolean => v.safeParse(METHODS[method].input, input).success;

it('refuses a list where an object is expected, at any depth', () => {
  expect(accepts('run.start', { settings: {} })).toBe(true);
  expect(accepts('run.start', { settings: [] })).toBe(false);
  expect(accepts('run.start', [])).toBe(false);
  expect(accepts('workspace.info', [])).toBe(false);
  expect(accepts('import.stage', { handle: 'h'.repeat(20), options: [] })).toBe(false);
  expect(accepts('hedge.export', { request: [], format: 'generic' })).toBe(false);
  expect(accepts('hedge.preview', { layers: [] })).toBe(false);
});

it('still refuses unknown keys, null and scalars', () => {
  for (const input of [{ unknown: 1 }, null, 3, 'x']) expect(accepts('run.start', input)).toBe(false);
  expect(accepts('run.start', { settings: { window: 'x' } })).toBe(false);
});

it('wants a reason to dismiss a finding', () => {
  expect(accepts('findings.dismiss', { findingIds: [1], reason: 'half day' })).toBe(true);
  expect(accepts('findings.dismiss', { findingIds: [1], reason: '   ' })).toBe(false);
});

it('takes accounts by the long names that files give them', () => {
  const account = 'Bank of New York Mellon Custody Long Short Equity Market Neutral Omnibus Account 0001';
  for (const method of [
    'book.get',
    'book.fields',
    'risk.get',
    'scenarios.get',
    'hedge.preview',
    'book.coverage',
    'effectiveness.get',
  ] as const)
    expect(accepts(method, method === 'book.fields' ? { account, fields: ['vol'] } : { account }), method).toBe(true);
  expect(accepts('hedge.preview', { accounts: [account] })).toBe(true);
});

it('takes a sheet of text, finite numbers and empty cells, and nothing else', () => {
  const sheet = (rows: unknown): boolean =>
    accepts('files.offerSheet', { name: 'book.xlsx', sheet: 'Book', columns: [{ label: 'Ticker', decimals: null }], rows });
  expect(sheet([['AAA', -0.5, null], []])).toBe(true);
  for (const rows of [
    [[NaN]],
    [[{}]],
    [[['a']]],
    [[true]],
    [['a'.repeat(401)]],
    ['AAA'],
    {},
    null,
    [Array(201).fill(1)],
    Array(200_001).fill([]),
  ])
    expect(sheet(rows)).toBe(false);
});

it('offers tables under plain file names only', () => {
  expect(accepts('files.offer', { name: 'book-R1-2026-01-02.csv', text: 'a' })).toBe(true);
  for (const name of ['../a.csv', 'a/b.csv', '.csv', 'a.exe', 'a.csv\n'])
    expect(accepts('files.offer', { name, text: '' }), name).toBe(false);
});
