import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sessionOfDay } from '../../calendar/index.ts';
import { parseIsoDay } from '../../contract/units.ts';
import { rowAxis } from '../returns/index.ts';
import { chainSpans, indexMap, mapSecurities } from './index.ts';
import type { ChainOptions, ChainSpan, ClassRow, MapRow } from './index.ts';

const day = (text: string): number => parseIsoDay(text)!;
const axis = rowAxis(sessionOfDay(parseIsoDay('2020-01-02')!)!, 1000);
const rowOf = (text: string): number => axis.days.findIndex((d) => d >= day(text));
const options: ChainOptions = { knownAsOf: axis.days.at(-1)!, schemes: ['gics', 'yahoo', ''] };
const start = '2000-01-01';

function cls(sector: string, industry: string | null, extra: Partial<ClassRow> = {}): ClassRow {
  return { sector, industry, scheme: 'gics', validFrom: day(start), validTo: null, known: day(start), order: 1, batchId: 1, ...extra };
}

function map(level: MapRow['level'], code: string, etf: string, extra: Partial<MapRow> = {}): MapRow {
  return { level, code, etf, scheme: 'gics', validFrom: day(start), validTo: null, known: day(start), order: 1, ...extra };
}

const basic = [
  map('market', '*', 'SPY', { scheme: '' }),
  map('sector', 'Energy', 'XLE'),
  map('sector', 'Technology', 'XLK'),
  map('subsector', 'Oil & Gas Drilling', 'XOP'),
  map('subsector', 'Semiconductors', 'SMH'),
];

function spans(rows: ClassRow[], mapRows: MapRow[] = basic, extra: Partial<ChainOptions> = {}): ChainSpan[] {
  return chainSpans(rows, indexMap(mapRows), axis, { ...options, ...extra });
}

const legs = (span: ChainSpan): (string | null)[] => [span.market, span.sector, span.subsector];
const chains = (list: ChainSpan[]): unknown[] => list.map((s) => [s.fromRow, s.toRow, ...legs(s)]);

describe('a chain', () => {
  test('has three ETFs and tells where they come from', () => {
    expect(spans([cls('Energy', 'Oil & Gas Drilling')])).toEqual([
      {
        fromRow: 0,
        toRow: 1000,
        market: 'SPY',
        sector: 'XLE',
        subsector: 'XOP',
        scheme: 'gics',
        sectorName: 'Energy',
        industryName: 'Oil & Gas Drilling',
        undated: false,
        etfs: [basic[0], basic[1], basic[3]],
      },
    ]);
  });

  test('matches names whatever their case and white space', () => {
    expect(legs(spans([cls('  ENERGY ', 'oil &  gas\u00a0drilling', { scheme: 'GICS' })])[0]!)).toEqual(['SPY', 'XLE', 'XOP']);
  });

  test('is the market alone without a classification or without a sector ETF, whatever the subsector map says', () => {
    expect(chains(spans([]))).toEqual([[0, 1000, 'SPY', null, null]]);
    const [unmapped] = spans([cls('Utilities', 'Semiconductors')]);
    expect(legs(unmapped!)).toEqual(['SPY', null, null]);
    expect(unmapped!.sectorName).toBe('Utilities');
  });

  test('stops at the sector without an industry or without an ETF for it', () => {
    expect(legs(spans([cls('Energy', null)])[0]!)).toEqual(['SPY', 'XLE', null]);
    expect(legs(spans([cls('Energy', 'Coal')])[0]!)).toEqual(['SPY', 'XLE', null]);
  });

  test('names no ETF twice', () => {
    const more = [map('sector', 'Broad', 'SPY'), map('subsector', 'Integrated Oil', 'XLE'), map('subsector', 'Everything', 'SPY')];
    expect(legs(spans([cls('Broad', 'Semiconductors')], [...basic, ...more])[0]!)).toEqual(['SPY', null, null]);
    expect(legs(spans([cls('Energy', 'Integrated Oil')], [...basic, ...more])[0]!)).toEqual(['SPY', 'XLE', null]);
    expect(legs(spans([cls('Energy', 'Everything')], [...basic, ...more])[0]!)).toEqual(['SPY', 'XLE', null]);
  });

  test('has no level above a missing market ETF', () => {
    const mapRows = basic.map((row) => (row.level === 'market' ? { ...row, validFrom: day('2021-01-04'), known: day('2021-01-04') } : row));
    expect(chains(spans([cls('Energy', null)], mapRows))).toEqual([
      [0, rowOf('2021-01-04'), null, null, null],
      [rowOf('2021-01-04'), 1000, 'SPY', 'XLE', null],
    ]);
  });
});

describe('schemes', () => {
  const yahoo = [map('sector', 'Energy', 'VDE', { scheme: 'yahoo' }), map('subsector', 'Drilling', 'OIH', { scheme: 'yahoo' })];

  test('the first in the order whose sector is mapped serves sector and subsector', () => {
    const rows = [cls('Oil Patch', 'Semiconductors'), cls('Energy', 'Drilling', { scheme: 'yahoo' })];
    expect(legs(spans(rows, [...basic, ...yahoo])[0]!)).toEqual(['SPY', 'VDE', 'OIH']);
    const both = [cls('Energy', 'Oil & Gas Drilling'), rows[1]!];
    expect(legs(spans(both, [...basic, ...yahoo])[0]!)).toEqual(['SPY', 'XLE', 'XOP']);
    expect(legs(spans(both, [...basic, ...yahoo], { schemes: ['yahoo', 'gics'] })[0]!)).toEqual(['SPY', 'VDE', 'OIH']);
  });

  test('a scheme outside the order is not used', () => {
    const [span] = spans([cls('Energy', null, { scheme: 'house' })], [...basic, map('sector', 'Energy', 'XLE', { scheme: 'house' })]);
    expect(legs(span!)).toEqual(['SPY', null, null]);
    expect(span!.scheme).toBeNull();
  });

  test('a map row of the scheme comes before one of no scheme, and another scheme’s never counts', () => {
    const common = map('sector', 'Energy', 'IYE', { scheme: '' });
    expect(spans([cls('Energy', null)], [...basic, common])[0]!.sector).toBe('XLE');
    expect(spans([cls('Energy', null, { scheme: 'yahoo' })], [...basic, common])[0]!.sector).toBe('IYE');
    expect(spans([cls('Energy', null, { scheme: '' })], [...basic, common])[0]!.sector).toBe('IYE');
    expect(spans([cls('Energy', null, { scheme: 'yahoo' })])[0]!.sector).toBeNull();
  });

  test('a map row of no scheme serves until the scheme has one of its own', () => {
    const own = map('sector', 'Energy', 'VDE', { scheme: 'yahoo', validFrom: day('2021-06-01'), known: day('2021-06-01') });
    const list = spans([cls('Energy', null, { scheme: 'yahoo' })], [...basic, map('sector', 'Energy', 'IYE', { scheme: '' }), own]);
    expect(chains(list)).toEqual([
      [0, rowOf('2021-06-01'), 'SPY', 'IYE', null],
      [rowOf('2021-06-01'), 1000, 'SPY', 'VDE', null],
    ]);
  });
});

describe('time', () => {
  const move = cls('Technology', null, { validFrom: day('2021-03-06'), known: day('2021-03-06') });

  test('an empty valid_to lasts until the next row begins; a weekend change counts from Monday', () => {
    expect(chains(spans([cls('Energy', null), move]))).toEqual([
      [0, rowOf('2021-03-08'), 'SPY', 'XLE', null],
      [rowOf('2021-03-08'), 1000, 'SPY', 'XLK', null],
    ]);
  });

  test('a change learned late counts from the day it was known, and not at all in a run as known before', () => {
    const late = { ...move, known: day('2021-09-01') };
    expect(chains(spans([cls('Energy', null), late]))).toEqual([
      [0, rowOf('2021-09-01'), 'SPY', 'XLE', null],
      [rowOf('2021-09-01'), 1000, 'SPY', 'XLK', null],
    ]);
    expect(chains(spans([cls('Energy', null), late], basic, { knownAsOf: day('2021-08-31') }))).toEqual([[0, 1000, 'SPY', 'XLE', null]]);
  });

  test('the last of a period is exclusive, and after it there is no classification', () => {
    expect(chains(spans([cls('Energy', null, { validTo: day('2021-03-08') })]))).toEqual([
      [0, rowOf('2021-03-08'), 'SPY', 'XLE', null],
      [rowOf('2021-03-08'), 1000, 'SPY', null, null],
    ]);
  });

  test('a later batch corrects an equal period; a correction of the past does not undo what followed', () => {
    const other = cls('Technology', null, { order: 2, batchId: 2 });
    expect(chains(spans([other, cls('Energy', null)]))).toEqual([[0, 1000, 'SPY', 'XLK', null]]);
    const correction = cls('Technology', null, { known: day('2022-03-01'), order: 3 });
    const toEnergy = cls('Energy', null, { validFrom: day('2021-03-08'), known: day('2021-03-08'), order: 2 });
    expect(spans([cls('Utilities', null), toEnergy, correction]).at(-1)!.sector).toBe('XLE');
  });

  test('a classification without a date holds always and says so', () => {
    const undated = cls('Energy', null, { validFrom: null });
    expect(spans([undated])[0]!.undated).toBe(true);
    expect(spans([undated, move]).map((s) => [s.sector, s.undated])).toEqual([
      ['XLE', true],
      ['XLK', false],
    ]);
  });

  test('a fund serves from its inception on', () => {
    const young = map('sector', 'Energy', 'NEW', { validFrom: day('2022-01-03'), known: day('2022-01-03') });
    expect(chains(spans([cls('Energy', null)], [...basic, young]))).toEqual([
      [0, rowOf('2022-01-03'), 'SPY', 'XLE', null],
      [rowOf('2022-01-03'), 1000, 'SPY', 'NEW', null],
    ]);
  });
});

describe('mapSecurities', () => {
  test('gives the rows on which each security stands in the map as an ETF', () => {
    const [SPY, XLE, NEW] = [1, 2, 3];
    const rows = [
      map('market', '*', 'SPY', { scheme: '', security: SPY }),
      map('sector', 'Energy', 'XLE', { security: XLE }),
      map('sector', 'Energy', 'NEW', { validFrom: day('2022-01-03'), known: day('2022-01-03'), security: NEW }),
      map('subsector', 'Drilling', 'XLE', { security: XLE, validFrom: day('2023-01-03'), known: day('2023-01-03') }),
    ];
    const found = mapSecurities(indexMap(rows), axis, options);
    expect(found.get(SPY)).toEqual([{ fromRow: 0, toRow: 1000 }]);
    expect(found.get(XLE)).toEqual([
      { fromRow: 0, toRow: rowOf('2022-01-03') },
      { fromRow: rowOf('2023-01-03'), toRow: 1000 },
    ]);
    expect(found.get(NEW)).toEqual([{ fromRow: rowOf('2022-01-03'), toRow: 1000 }]);
    expect(mapSecurities(indexMap(rows), axis, { knownAsOf: day('2021-12-31') }).has(NEW)).toBe(false);
  });
});

describe('properties', () => {
  const short = rowAxis(axis.firstSession, 12);
  const near = fc.integer({ min: short.days[0]! - 3, max: short.days[11]! + 3 });
  const dated = {
    validFrom: fc.option(near),
    validTo: fc.option(near, { freq: 1 }),
    known: near,
    order: fc.integer({ min: 1, max: 3 }),
    scheme: fc.constantFrom('gics', 'yahoo', ''),
  };
  const name = fc.constantFrom('A', 'B');
  const classes = fc.array(fc.record({ ...dated, sector: name, industry: fc.option(name), batchId: fc.constant(1) }), { maxLength: 5 });
  const level = fc.constantFrom('sector' as const, 'subsector' as const);
  const etf = fc.constantFrom('SPY', 'X', 'Y', 'Z');
  const mapped = fc.array(fc.record({ ...dated, level, code: name, etf }), { maxLength: 8 });

  /** The chain of one row, with only what was known on it. */
  function alone(rows: ClassRow[], mapRows: MapRow[], t: number, knownAsOf: number): ChainSpan {
    const k = Math.min(short.days[t]!, knownAsOf);
    const oneRow = rowAxis((short.firstSession + t) as typeof short.firstSession, 1);
    const known = <T extends { known: number }>(list: T[]): T[] => list.filter((row) => row.known <= k);
    return chainSpans(known(rows), indexMap(known(mapRows)), oneRow, { ...options, knownAsOf: k })[0]!;
  }

  /** A span apart from its rows; of map rows that give one ETF a span shows the first. */
  const chainOf = ({ etfs, ...span }: ChainSpan) => ({ ...span, fromRow: 0, toRow: 0, etfs: etfs.map((row) => row.etf) });

  test('every row has the chain of its own day and knowledge; spans cover, neighbours differ, order does not matter', () => {
    fc.assert(
      fc.property(classes, mapped, near, (rows, mapRows, knownAsOf) => {
        const all: MapRow[] = [...mapRows, map('market', '*', 'SPY')];
        const found = chainSpans(rows, indexMap(all), short, { ...options, knownAsOf });
        expect(found[0]!.fromRow).toBe(0);
        expect(found.at(-1)!.toRow).toBe(12);
        found.forEach((span, i) => {
          if (i > 0) {
            expect(span.fromRow).toBe(found[i - 1]!.toRow);
            expect(chainOf(span)).not.toEqual(chainOf(found[i - 1]!));
          }
          for (let t = span.fromRow; t < span.toRow; t++) expect(chainOf(alone(rows, all, t, knownAsOf))).toEqual(chainOf(span));
        });
      }),
      { numRuns: 1500 },
    );
  });

  test('the order of rows decides nothing, also between rows that are told alike in one batch', () => {
    const days = fc.constantFrom(short.days[2]!, short.days[7]!);
    const alike = {
      validFrom: fc.option(days),
      validTo: fc.constant(null),
      known: days,
      order: fc.constant(1),
      scheme: fc.constant('gics'),
    };
    const tied = fc.array(fc.record({ ...alike, sector: name, industry: fc.option(name), batchId: fc.constant(1) }), { maxLength: 4 });
    const maps = fc.array(fc.record({ ...alike, level, code: name, etf }), { maxLength: 6 });
    fc.assert(
      fc.property(tied, maps, fc.constantFrom('strict', 'corrected'), (rows, mapRows, knowledge) => {
        const all: MapRow[] = [...mapRows, map('market', '*', 'SPY')];
        const corrected = knowledge === 'corrected' ? options : undefined;
        const [found, turned] = [[rows, all] as const, [rows.toReversed(), all.toReversed()] as const].map(([classRows, list]) =>
          chainSpans(classRows, indexMap(list, corrected), short, { ...options, knowledge }).map((span) => ({
            ...chainOf(span),
            fromRow: span.fromRow,
          })),
        );
        expect(turned).toEqual(found);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('knowledge `corrected`', () => {
  test('a correction holds from the day the version it corrects was known; what is only late does not', () => {
    const first = cls('Energy', null, { known: day('2020-06-01') });
    const correction = cls('Technology', null, { known: day('2022-06-01'), order: 2, batchId: 2 });
    const late = cls('Energy', null, { validFrom: day('2021-01-04'), known: day('2022-09-01'), order: 3, batchId: 3 });
    const sectors = (knowledge: 'strict' | 'corrected', knownAsOf = options.knownAsOf) =>
      spans([first, correction, late], basic, { knowledge, knownAsOf }).map((span) => [span.fromRow, span.sector]);
    expect(sectors('strict')).toEqual([
      [0, null],
      [rowOf('2020-06-01'), 'XLE'],
      [rowOf('2022-06-01'), 'XLK'],
      [rowOf('2022-09-01'), 'XLE'],
    ]);
    expect(sectors('corrected')).toEqual([
      [0, null],
      [rowOf('2020-06-01'), 'XLK'],
      [rowOf('2022-09-01'), 'XLE'],
    ]);
    expect(sectors('corrected', day('2022-05-31'))).toEqual(sectors('strict', day('2022-05-31')));
  });

  test('reaches back in the map too, and two names of one fund are one fund', () => {
    const mapRows = [...basic, map('sector', 'Energy', 'XOP', { known: day('2022-06-01'), order: 2 })];
    const etfs = (corrected?: { knownAsOf: number }) =>
      chainSpans([cls('Energy', null)], indexMap(mapRows, corrected), axis, options).map((span) => span.sector);
    expect(etfs()).toEqual(['XLE', 'XOP']);
    expect(etfs({ knownAsOf: options.knownAsOf })).toEqual(['XOP']);
    const renamed = [map('market', '*', 'QQQ', { security: 7 }), map('sector', 'Energy', 'QQQQ', { security: 7 })];
    expect(chains(spans([cls('Energy', null)], renamed))).toEqual([[0, 1000, 'QQQ', null, null]]);
    expect(mapSecurities(indexMap(renamed), axis, options)).toEqual(new Map([[7, [{ fromRow: 0, toRow: 1000 }]]]));
  });
});
