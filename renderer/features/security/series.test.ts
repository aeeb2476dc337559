import { expect, it } from 'vitest';
import { inWords, movedBy, nearestRow } from '../../ui/chart/days.ts';
import { bandsOf, firstRow, isWeak, markersOf } from './series.ts';

const days = Int32Array.of(19_000, 19_001, 19_004);

it('finds the row of a date, or the last one before it', () => {
  expect(nearestRow(days, '2022-01-09')).toBe(1);
  expect(nearestRow(days, '2022-01-11')).toBe(1);
  expect(nearestRow(days, '2022-01-12')).toBe(2);
  expect(nearestRow(days, '1999-01-01')).toBe(0);
});

it('moves by a day, a month and to the ends, and never out', () => {
  expect(movedBy('ArrowRight', false, 5, 100)).toBe(6);
  expect(movedBy('ArrowLeft', true, 5, 100)).toBe(0);
  expect(movedBy('ArrowRight', true, 5, 100)).toBe(26);
  expect([movedBy('Home', false, 5, 100), movedBy('End', false, 5, 100), movedBy('x', false, 5, 100)]).toEqual([0, 100, null]);
});

it('says the last, lowest and highest value with their days, and when there is none', () => {
  const text = (value: number | null): string => String(value);
  expect(inWords('Ratio', days, [2, NaN, 1], text)).toBe('Ratio: 1 on 2022-01-12, lowest 1 on 2022-01-12, highest 2 on 2022-01-08.');
  expect(inWords('Ratio', days, [NaN, null, NaN], text)).toBe('Ratio: no value.');
});

it('draws bands around a ratio; a missing error leaves a gap', () => {
  const [wide, narrow] = bandsOf({ wire: 'x', ratio: Float64Array.of(1, 2), error: Float64Array.of(0.1, NaN) }, 'layer-1');
  expect([wide!.upper[0], wide!.lower[0], narrow!.upper[0]]).toEqual([1.196, 0.804, 1.12816]);
  expect(wide!.upper[1]).toBeNaN();
});

it('knows rows that rest on little and where a series begins', () => {
  expect([isWeak([100, 200], 252, 0), isWeak([100, 200], 252, 1), isWeak([NaN], 252, 0)]).toEqual([true, false, false]);
  expect(firstRow([Float64Array.of(NaN, NaN, 1), Float64Array.of(NaN, 2, NaN)])).toBe(1);
});

it('marks actions at the foot and changes of the chain as lines, not its beginning', () => {
  const from = { file: 'a.csv', line: 1, batchId: 1, knownFrom: null };
  const chain = { market: 'SPY', sector: 'XLK', sectorName: null, industryName: null };
  const marks = markersOf(
    [
      { type: 'split', exDate: '2022-01-09', value: 2, symbol: 'A', ...from },
      { type: 'dividend', exDate: '2022-01-10', value: 0.25, symbol: 'A', ...from },
    ],
    [
      { ...chain, from: '2020-01-02', to: '2022-01-09', subsector: null },
      { ...chain, from: '2022-01-10', to: '2022-02-01', subsector: 'SOXX' },
    ],
  );
  expect(marks.map(({ shape, words }) => [shape, words])).toEqual([
    ['peak', 'split 2 for 1'],
    ['tick', 'dividend $0.2500'],
    ['line', 'chain becomes SPY › XLK › SOXX'],
  ]);
});
