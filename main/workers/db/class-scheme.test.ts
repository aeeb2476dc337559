import { expect, it } from 'vitest';
import { hasSectorEtf, mapNames, schemeOfNames } from './class-scheme.ts';

const row = (level: 'sector' | 'subsector', scheme: string, code: string, etf: string) => ({ level, scheme, code, etf });
const MAP = mapNames([
  row('sector', 'gics', 'Information Technology', 'XLK'),
  row('sector', 'gics', 'Energy', 'XLE'),
  row('sector', 'GICS', 'Financials', 'XLF'),
  row('sector', 'yahoo', 'Technology', 'XLK'),
  row('sector', 'yahoo', 'Energy', 'XLE'),
  row('sector', 'nasdaq', 'Technology', 'QQQ'),
  row('subsector', 'gics', 'Oil & Gas Drilling', 'OIH'),
  row('subsector', 'yahoo', 'Oil & Gas Integrated', 'XOP'),
]);
const of = (...names: string[]) =>
  schemeOfNames(
    names.map((name) => ({ sector: name.split('/')[0]!, industry: name.split('/')[1] ?? null })),
    MAP,
  );

const schemes = (...names: string[]): string[] => of(...names).fits.map(({ scheme }) => scheme);

it('is the only one that knows every sector, whatever the case and white space', () => {
  expect(schemes('energy', ' Information   technology ')).toEqual(['gics']);
  expect(schemes('Technology', 'Energy')).toEqual(['yahoo']);
});

it('is told by the industries where several know the sectors', () => {
  expect(schemes('Energy/Oil & Gas Integrated')).toEqual(['yahoo']);
  expect(schemes('Energy/Oil & Gas Drilling', 'Energy')).toEqual(['gics']);
});

it('does not matter where those that are left lead to the same ETFs: the preferred one stands for all', () => {
  expect(schemes('Energy')).toEqual(['gics']);
  expect(schemes('Energy', 'Sorcery')).toEqual(['gics']);
});

it('is asked where they lead to others, the likeliest first', () => {
  expect(schemes('Technology')).toEqual(['yahoo', 'nasdaq']);
  const { sectors, fits } = of('Technology', 'Energy', 'Sorcery');
  expect([sectors, ...fits.map((fit) => [fit.scheme, fit.sectors])]).toEqual([3, ['yahoo', 2], ['gics', 1], ['nasdaq', 1]]);
});

it('is none where no scheme knows more than a map without schemes', () => {
  expect(schemes('Sorcery')).toEqual(['']);
  const plain = mapNames([row('sector', '', 'Energy', 'XLE'), row('sector', 'gics', 'Energy', 'XLE')]);
  expect(schemeOfNames([{ sector: 'Energy', industry: null }], plain).fits).toMatchObject([{ scheme: '' }]);
});

it('knows a name of no scheme in every scheme', () => {
  const plain = mapNames([row('sector', '', 'Energy', 'XLE')]);
  expect(hasSectorEtf(plain, { scheme: 'gics', sector: 'ENERGY' })).toBe(true);
  expect(hasSectorEtf(MAP, { scheme: '', sector: 'Energy' })).toBe(false);
});
