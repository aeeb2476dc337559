import { expect, it } from 'vitest';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, pricesText, SHORT, smallMarket } from './testing/market.ts';

const folder = scratch();
const market = smallMarket(80);
const PLAIN = 'ticker,sector,industry,valid_from\nAAA,Technology,Semiconductors,2020-01-01\nCCC,Financials,,2020-01-01\n';

async function workspace(name: string, map = MAP): Promise<Cli> {
  const cli = new Cli(folder, name);
  await cli.value('init');
  await cli.give(`${name}-map.csv`, map);
  await cli.give(`${name}-prices.csv`, pricesText(market));
  return cli;
}
const ofRun = async (cli: Cli) => (await cli.findings()).filter(({ code, batchId }) => code === 'sector_without_etf' && batchId === null);

it('a classification that names no scheme gets that of the map whose names it has, says so, and is no news the next time', async () => {
  const cli = await workspace('plain');
  const report = await cli.give('classes.csv', PLAIN);
  expect(report.detected.why).toContain('Scheme gics: the ETF map knows all 2 sectors under it.');
  await cli.value('run', ...SHORT);
  expect(await cli.value('show', 'AAA')).toMatchObject({ deepest: 3 });
  expect((await cli.give('classes.csv', PLAIN)).outcome).toBe('nothing_new');

  const told = await workspace('told');
  await told.give('told.csv', CLASSES.replace('BBB,Technology,Semiconductors,gics,2020-01-01\n', '').replace('Banks', ''));
  expect(await cli.digest(...SHORT)).toBe(await told.digest(...SHORT));
});

it.each([
  ['GICS Sector,GICS Sub-Industry', []],
  ['Sector,Sub-Industry', []],
  ['GICS Sector,GICS Industry Group,GICS Sub-Industry', ['Semiconductors & Semiconductor Equipment']],
])('%s: the sub-industry is the industry, and gives the third level', async (head, between) => {
  const cli = await workspace(`sub${head.length}`);
  const cells = ['AAA', 'Technology', ...between, 'Semiconductors'];
  const report = await cli.give(`sub${head.length}.csv`, `Ticker,${head}\n${cells.join()}\n`);
  expect(report.detected.unusedColumns).toEqual(between.length > 0 ? ['GICS Industry Group'] : []);
  await cli.value('run', ...SHORT);
  expect(await cli.value('show', 'AAA')).toMatchObject({ deepest: 3 });
});

it('is asked of which scheme it is where that decides the ETFs, and refuses nothing that is told', async () => {
  const cli = await workspace(
    'asked',
    MAP.replace(/\n$/, '\nsector,Technology,SOXX,house,2000-01-03\nsector,Financials,XLF,house,2000-01-03\n'),
  );
  const path = cli.file('sectors.csv', 'ticker,sector\nAAA,Technology\nCCC,Financials\n');
  expect(await cli.error('import', path)).toMatchObject({
    code: 'ambiguous',
    message: 'sectors.csv: the file does not say of which scheme its sectors are (gics knows all 2, house knows all 2)',
    action: 'Say which: --scheme gics or --scheme house or --scheme none.',
  });
  const house = await cli.import(path, '--scheme', 'House');
  expect(house.detected.why).toContain('Scheme house: as told.');
  // It is none of those that runs use by themselves.
  expect(house.issueCounts).toMatchObject({ unlisted_scheme: 1 });
  const deep = async (...flags: string[]): Promise<number> =>
    (await cli.value<{ rowsByLevel: number[] }>('run', ...SHORT, ...flags)).rowsByLevel.slice(2).reduce((a, b) => a + b);
  expect(await deep()).toBe(0);
  expect(await deep('--set', 'schemes=house')).toBeGreaterThan(0);
});

it('sectors without an ETF are a warning at the import, and a finding of each run until they have one', async () => {
  const cli = await workspace('unmapped');
  const path = cli.file('none.csv', PLAIN);
  const report = await cli.import(path, '--scheme', 'none');
  const words = '2 securities have sectors without an ETF in the map, and level 1 only: Financials (no scheme), Technology (no scheme).';
  expect(report.issues.find(({ code }) => code === 'sector_without_etf')?.reason).toBe(words);
  await cli.value('run', ...SHORT);
  expect(await ofRun(cli)).toMatchObject([{ severity: 'warning', message: words }]);

  await cli.import(path);
  await cli.value('run', ...SHORT);
  expect(await ofRun(cli)).toEqual([]);
  expect(await cli.value('show', 'CCC')).toMatchObject({ deepest: 2 });
});

it('a classification that is valid or known only after the last prices is a finding of the run: it gives no row a sector', async () => {
  const cli = await workspace('later');
  const last = market.days.at(-1)!;
  await cli.give(
    'later.csv',
    'ticker,sector,scheme,valid_from,known_from\nAAA,Technology,gics,2026-06-01,\nBBB,Technology,gics,2020-01-01,2026-06-02\n',
  );
  await cli.value('run', ...SHORT);
  const found = (await cli.findings()).filter(({ code }) => code === 'classified_later');
  expect(found).toMatchObject([{ severity: 'warning', subject: 'AAA' }]);
  expect(found[0]!.message).toContain(`2 securities are classified only from a day after the last prices on, ${last}`);
  expect(found[0]!.message).toContain('AAA (2026-06-01), BBB (2026-06-02)');
});

it('an ETF without prices that chains name is a warning that says how many; one that none names is told by the way', async () => {
  const cli = new Cli(folder, 'unpriced');
  await cli.value('init');
  await cli.give('unpriced-map.csv', MAP.replace(/\n$/, '\nsubsector,Alchemy,GLD,gics,2000-01-03\n'));
  const names = Object.keys(market.closes);
  await cli.give(
    'unpriced-prices.csv',
    pricesText(
      market,
      names.filter((name) => name !== 'SOXX'),
    ),
  );
  await cli.give('unpriced-classes.csv', CLASSES);
  const found = async () => (await cli.findings()).filter(({ code }) => code === 'etf_without_prices');
  await cli.value('run', ...SHORT);
  expect(await found()).toMatchObject([
    {
      severity: 'warning',
      subject: 'SOXX',
      message: '2 securities have no level below an ETF without prices: SOXX (2). Import their prices, or an ETF map without them.',
    },
  ]);
  await cli.give('unpriced-soxx.csv', pricesText(market, ['SOXX']));
  await cli.value('run', ...SHORT);
  expect(await found()).toMatchObject([{ severity: 'info', subject: 'GLD', message: '1 ETF of the map has no prices: GLD.' }]);
});

it('a finding about an ETF counts the securities whose chains name it', async () => {
  const cli = await workspace('used');
  await cli.give('used-classes.csv', CLASSES);
  const day = market.days[60]!;
  await cli.give('used-jump.csv', `date,ticker,close\n${day},XLK,${10 * market.closes.XLK![60]!}\n`, '--accept-restatements');
  await cli.value('doctor');
  const found = (await cli.findings()).find(({ code, subject }) => code === 'bad_close' && subject === 'XLK');
  expect(found?.effect?.usedBy).toBe(2);
});
