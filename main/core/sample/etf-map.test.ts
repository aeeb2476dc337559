import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { sessionDays } from '../../calendar/index.ts';
import { parseIsoDay } from '../../contract/units.ts';
import { sampleFiles } from './sample.ts';

type Row = Record<string, string>;
const text = readFileSync(new URL('../../../resources/etf-map.csv', import.meta.url), 'utf8');
const map: Row[] = parse(text, { columns: true });
const SPDRS = ['XLB', 'XLC', 'XLE', 'XLF', 'XLI', 'XLK', 'XLP', 'XLRE', 'XLU', 'XLV', 'XLY'];
const of = (level: string, scheme: string) =>
  new Map(map.filter((row) => row.level === level && row.scheme === scheme).map((row) => [row.code!, row.etf!]));

describe('the starter ETF map', () => {
  it('is a native etf-map file: known levels and schemes, real dates, no stray spaces', () => {
    expect(text.split('\n')[0]).toBe('level,code,etf,scheme,valid_from');
    for (const row of map) {
      expect(['market', 'sector', 'subsector']).toContain(row.level);
      expect(row.level === 'market' ? [''] : ['gics', 'yahoo', 'nasdaq']).toContain(row.scheme);
      expect(row.etf).toMatch(/^[A-Z]{3,4}$/);
      expect(parseIsoDay(row.valid_from!)).not.toBeNull();
      expect(row.code).toBe(row.code!.trim());
      expect(row.code).not.toBe('');
    }
  });

  it('has one row per level, scheme and name, so that no two validities overlap', () => {
    const keys = map.map((row) => `${row.level}|${row.scheme}|${row.code}`);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  it('dates every fund from one inception day, whatever the row', () => {
    const inception = new Map<string, Set<string>>();
    for (const row of map) inception.set(row.etf!, (inception.get(row.etf!) ?? new Set()).add(row.valid_from!));
    expect([...inception].filter(([, days]) => days.size > 1)).toEqual([]);
    expect(map[0]).toEqual({ level: 'market', code: '*', etf: 'SPY', scheme: '', valid_from: '1993-01-22' });
    for (const etf of SPDRS) {
      const expected = etf === 'XLRE' ? '2015-10-07' : etf === 'XLC' ? '2018-06-18' : '1998-12-16';
      expect([...inception.get(etf)!], etf).toEqual([expected]);
    }
  });

  it('uses the eleven sector funds for sectors and never for subsectors', () => {
    for (const scheme of ['gics', 'yahoo', 'nasdaq']) {
      expect([...new Set(of('sector', scheme).values())].sort()).toEqual(SPDRS);
      expect([...of('subsector', scheme).values()].filter((etf) => etf === 'SPY' || SPDRS.includes(etf))).toEqual([]);
    }
    expect(of('sector', 'gics').size).toBe(11);
  });

  it("agrees with the sample's own map", () => {
    const known = new Set(map.map((row) => [row.level, row.scheme, row.code, row.etf].join('|')));
    const sample: Row[] = parse(sampleFiles(sessionDays()).find((file) => file.kind === 'etf-map')!.text, { columns: true });
    expect(sample.filter((row) => !known.has([row.level, row.scheme, row.code, row.etf].join('|')))).toEqual([]);
  });
});

const DATA = process.env.HEDGEROW_TEST_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const read = (name: string) => gunzipSync(readFileSync(`${DATA}/${name}`)).toString();

const CLASSES = `${DATA}/classification_stocks.csv.gz`;
describe.skipIf(!existsSync(CLASSES))('the starter ETF map against real classifications', () => {
  // A skipped suite is still collected, so the file may be absent here.
  const stocks: Row[] = existsSync(CLASSES) ? parse(read('classification_stocks.csv.gz'), { columns: true, trim: true }) : [];
  const SCHEMES: readonly (readonly [string, string, string])[] = [
    ['gics', 'gics_sector_sp500', 'gics_sub_industry_sp500'],
    ['yahoo', 'yahoo_sector', 'yahoo_industry'],
    ['nasdaq', 'nasdaq_sector', 'nasdaq_industry'],
  ];

  it('has a sector fund for every sector name but Miscellaneous, which is no sector', () => {
    const missing = SCHEMES.flatMap(([scheme, sector]) => {
      const names = [...new Set(stocks.map((stock) => stock[sector]!))].filter((name) => name !== '');
      return names.filter((name) => !of('sector', scheme).has(name)).map((name) => `${scheme}: ${name}`);
    });
    expect(missing).toEqual(['nasdaq: Miscellaneous']);
  });

  it('spells every Yahoo and Nasdaq name as the data does', () => {
    for (const [scheme, sector, industry] of SCHEMES.slice(1)) {
      const names = new Set(stocks.flatMap((stock) => [stock[sector], stock[industry]]));
      const unknown = map.filter((row) => row.scheme === scheme && !names.has(row.code));
      expect(unknown).toEqual([]);
    }
  });

  it.skipIf(!existsSync(`${DATA}/modern_adj_close_stocks.csv.gz`))('gives most modern stocks a chain', () => {
    const modern = stocks.filter((stock) => stock.in_modern_adj === '1');
    const share: Record<string, string> = {};
    let anySector = 0;
    let anySubsector = 0;
    const chains = modern.map((stock) =>
      SCHEMES.map(([scheme, sector, industry]) => {
        const hasSector = of('sector', scheme).has(stock[sector]!);
        return {
          scheme,
          classified: stock[sector] !== '',
          hasSector,
          hasSubsector: hasSector && of('subsector', scheme).has(stock[industry]!),
        };
      }),
    );
    for (const [scheme] of SCHEMES) {
      const classified = chains.map((chain) => chain.find((entry) => entry.scheme === scheme)!).filter((entry) => entry.classified);
      const sectors = classified.filter((entry) => entry.hasSector).length;
      const subsectors = classified.filter((entry) => entry.hasSubsector).length;
      share[scheme] =
        `${classified.length} classified, sector ${percent(sectors, classified.length)}, subsector ${percent(subsectors, classified.length)}`;
    }
    for (const chain of chains) {
      if (chain.some((entry) => entry.hasSector)) anySector++;
      if (chain.some((entry) => entry.hasSubsector)) anySubsector++;
    }
    console.log(
      `etf map: ${modern.length} modern stocks, by any scheme sector ${percent(anySector, modern.length)}, subsector ${percent(anySubsector, modern.length)}`,
      share,
    );
    expect(anySector / modern.length).toBeGreaterThan(0.9);
    expect(anySubsector / modern.length).toBeGreaterThan(0.6);
  });
});

const ETF_PRICES = `${DATA}/modern_adj_close_etfs.csv.gz`;
describe.skipIf(!existsSync(ETF_PRICES))('the starter ETF map against real prices', () => {
  it('uses only funds that have prices, none before its inception', () => {
    const [header, ...lines] = read('modern_adj_close_etfs.csv.gz').trimEnd().split('\n');
    const days = header!.split(',');
    const firstPrice = new Map(
      lines.map((line) => {
        const cells = line.split(',');
        return [cells[0]!, days[cells.findIndex((cell, i) => i > 0 && cell !== '')]!];
      }),
    );
    expect([...new Set(map.map((row) => row.etf!))].filter((etf) => !firstPrice.has(etf))).toEqual([]);
    expect(map.filter((row) => firstPrice.get(row.etf!)! < row.valid_from!)).toEqual([]);
  });
});

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
