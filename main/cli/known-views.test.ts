/** What becomes known after a day changes nothing that is shown as known on it: books, risk, hedges, attributions, universes. */
import { expect, it } from 'vitest';
import type { RunSummary } from '../contract/results.ts';
import { Cli, scratch } from './testing/cli.ts';
import { CLASSES, MAP, SHORT, smallMarket } from './testing/market.ts';

const market = smallMarket(200);
const day = (row: number): string => market.days[row]!;
const D = day(150);
const holdings = (asOf: string, ...lines: string[]): string =>
  ['ticker,quantity,account,as_of', ...lines.map((line) => `${line},ONE,${asOf}`), ''].join('\n');
const prices = (from: number, to: number): string => {
  const rows = Object.entries(market.closes).flatMap(([name, closes]) =>
    market.days.slice(from, to).map((date, i) => `${date},${name},${closes[from + i]},1000000`),
  );
  return ['date,ticker,close,volume', ...rows, ''].join('\n');
};

const VIEWS = [
  ['book', '--date', D],
  ['book', '--date', day(120), '--level', '1'],
  ['risk', '--date', D, '--against', day(120)],
  ['portfolio', '--fields', 'l3_mkt_exp,returns_gross,vol', '--weights', 'dated'],
  ['attribution', '--from', day(100), '--to', D, '--weights', 'dated'],
  ['attribution', 'AAA', '--from', day(100), '--to', D],
  ['corr', '--with', 'AAA,XLK', '--weights', 'dated'],
  ['effectiveness', '--weights', 'dated'],
  ['scenarios', '--from', day(130), '--to', day(140), '--date', D],
  ['hedge', '--date', D],
  ['whatif', '--set', 'BBB=10', '--date', D],
  ['show', 'CCC', '--date', D],
  ['explain', 'BBB', D, 'l3_mkt_exp'],
  ['universe', 'mine', '--date', D],
  ['universe', 'dv_50', '--date', D],
];
/** Names of what was asked, not what was answered; ages are of today. */
const NAMES = ['runId', 'revision', 'batchId', 'snapshotId', 'line', 'orderId', 'checks'];

/** Of the holdings known on the day, too: who asks so means what was shown then. */
const OF_THE_DAY = [['book'], ['hedge'], ['risk'], ['scenarios'], ...VIEWS.filter((view) => view.includes('dated'))].map((view) => [
  ...view,
  '--known-as-of',
  D,
]);

async function shown(cli: Cli): Promise<Record<string, unknown>> {
  const { lineage } = await cli.value<RunSummary>('run', ...SHORT, '--known-as-of', D);
  return answers(cli, lineage.runId, VIEWS, (view) => (view === 'universe' ? ['--known-as-of', D] : ['--run', lineage.runId]));
}

const shownOfTheDay = async (cli: Cli): Promise<Record<string, unknown>> =>
  answers(cli, (await cli.value<RunSummary>('run', ...SHORT)).lineage.runId, OF_THE_DAY, () => []);

async function answers(
  cli: Cli,
  runId: string,
  views: readonly (readonly string[])[],
  wordsOf: (view: string) => readonly string[],
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const view of views) {
    const of = wordsOf(view[0]!);
    found[view.join(' ')] = JSON.parse(
      JSON.stringify(await cli.value(...view, ...of), (key, value: unknown) => {
        if (NAMES.includes(key)) return undefined;
        return typeof value === 'string' ? value.replace(new RegExp(`\\b${runId}\\b`, 'g'), 'R') : value;
      }),
    );
  }
  return found;
}

it('prices, corrections, splits, delistings, classes, names, shares, lists and holdings of later, corrected ones too, change no view as known before', async () => {
  const cli = new Cli(scratch(), 'views', { today: D });
  await cli.value('init');
  await cli.give('map.csv', MAP);
  await cli.give('classes.csv', CLASSES);
  await cli.give('prices.csv', prices(0, 151));
  await cli.give('shares.csv', 'ticker,shares,valid_from\nAAA,1000000,2024-01-02\nBBB,2000000,2024-01-02\nCCC,3000000,2024-01-02\n');
  await cli.give('list.csv', `universe,ticker,valid_from,valid_to\nmine,AAA,${day(80)},\nmine,BBB,${day(80)},\n`);
  await cli.give('old.csv', holdings(day(90), 'AAA,100', 'BBB,50', 'SPY,-10'));
  await cli.give('book.csv', holdings(day(120), 'AAA,100', 'BBB,80', 'CCC,-20', 'SPY,-10', 'XLK,-3'));
  const before = await shown(cli);
  const ofTheDay = await shownOfTheDay(cli);

  const later = cli.with({ today: '2026-07-01' });
  await later.give('rest.csv', prices(151, 200));
  await later.give('restated.csv', `date,ticker,close\n${day(140)},AAA,${market.closes.AAA![140]! * 1.1}\n`, '--accept-restatements');
  await later.give(
    'actions.csv',
    `ticker,ex_date,type,value,known_from
BBB,${day(130)},split,2,${day(155)}
SPY,${day(152)},split,3,${day(151)}
AAA,${day(135)},dividend,1.5,${day(152)}
CCC,${day(149)},delisting,-0.5,${day(170)}
`,
  );
  const gics = `CCC,Technology,Semiconductors,gics,${day(100)},${day(160)}`;
  await later.give('classes2.csv', `ticker,sector,industry,scheme,valid_from,known_from\n${gics}\n`);
  await later.give(
    'securities.csv',
    `ticker,figi,name,valid_from,valid_to,known_from
BBB,BBG000BLNNH6,Beta,2024-01-02,${day(155)},${day(155)}
BBZ,BBG000BLNNH6,Beta,${day(155)},,${day(155)}
CCC,BBG000B9XRY4,Gamma,2024-01-02,${day(155)},${day(155)}
CCC,BBG000BPH459,Other,${day(156)},,${day(156)}
`,
  );
  await later.give('shares2.csv', `ticker,shares,valid_from,known_from\nCCC,9000000000,${day(100)},${day(160)}\n`);
  await later.give('list2.csv', `universe,ticker,valid_from,valid_to,known_from\nmine,CCC,${day(90)},,${day(160)}\n`);
  await later.give('today.csv', holdings(day(160), 'AAA,7', 'CCC,9'));
  const after = await shown(later);
  for (const [view, value] of Object.entries(before)) expect(after[view], view).toEqual(value);
  await later.give('corrected.csv', holdings(day(120), 'AAA,999', 'BBB,1'));
  const afterwards = await shownOfTheDay(later);
  for (const [view, value] of Object.entries(ofTheDay)) expect(afterwards[view], view).toEqual(value);

  // Of an old run without a day the latest holdings are shown: it says so.
  for (const view of [['hedge'], ['risk'], ['whatif', '--set', 'AAA=1']])
    expect((await later.run(...view, '--run', 'R1')).out).toContain(`${D} with holdings of ${day(160)}, `);

  // They are known on the last day, and matter then.
  const { lineage } = await later.value<RunSummary>('run', ...SHORT);
  const now = await later.value('attribution', '--from', day(100), '--to', D, '--weights', 'dated', '--run', lineage.runId);
  expect(now).not.toMatchObject({ geometric: (before[VIEWS[4]!.join(' ')] as { geometric: unknown }).geometric });
});
