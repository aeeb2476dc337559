/**
 * A simulated workspace of full size for the interaction bench: 5,000 stocks, 40 funds, 1,400 days, books of 10,000 and 200 positions;
 * and a price file of as many other names, for an import under load.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createNoise, createRandom } from '../main/quant/cascade/testing/market.ts';
import { sessionsFrom } from '../main/cli/testing/market.ts';
import { noteOpened } from '../main/core/recent.ts';
import { NODE, ROOT } from './shells.ts';

export const SIZE = { stocks: 5_000, days: 1_400, sectors: 11, subsectors: 28, book: 10_000, small: 200 };

const code = (prefix: string, i: number): string => `${prefix}${i.toString(36).toUpperCase().padStart(3, '0')}`;

export const LOAD = join('files', 'load.csv');
const inside = (home: string): string => join(home, 'workspaces', 'Bench.hedgerow');

/** Gives `home` the workspace, listed as opened lately. With `kept` it is made there once and copied from then on. */
export function plantWorkspace(home: string, kept?: string): void {
  if (kept === undefined) makeWorkspace(home);
  else {
    if (!existsSync(join(kept, 'made'))) {
      makeWorkspace(kept);
      writeFileSync(join(kept, 'made'), '');
    }
    cpSync(kept, home, { recursive: true });
  }
  noteOpened(home, inside(home), new Date().toISOString());
}

function makeWorkspace(home: string): void {
  const files = join(home, 'files');
  mkdirSync(files, { recursive: true });
  const { stocks, days, sectors, subsectors } = SIZE;
  const dates = sessionsFrom('2020-11-02', days);
  const noise = createNoise(11);
  const random = createRandom(12);
  const sectorCode = (i: number): string => code('XS', i);
  const subCode = (i: number): string => code('XU', i);
  const names = [
    'SPY',
    ...Array.from({ length: sectors }, (_, i) => sectorCode(i)),
    ...Array.from({ length: subsectors }, (_, i) => subCode(i)),
  ];
  const own = Array.from({ length: stocks }, (_, i) => ({
    name: code('Q', i),
    group: i % subsectors,
    b: [0.5 + random(), random(), random()],
  }));

  const prices = openSync(join(files, 'prices.csv'), 'w');
  const load = openSync(join(home, LOAD), 'w');
  writeSync(prices, `date,${[...names, ...own.map(({ name }) => name)].join(',')}\n`);
  writeSync(load, `date,${own.map(({ name }) => name.replace('Q', 'W')).join(',')}\n`);
  const last = new Float64Array(names.length + stocks).fill(100);
  for (const date of dates) {
    const m = 0.0003 + 0.009 * noise();
    const s = Array.from({ length: sectors }, () => m + 0.006 * noise());
    const u = Array.from({ length: subsectors }, (_, k) => 0.3 * m + 0.7 * s[k % sectors]! + 0.006 * noise());
    const returns = [
      m,
      ...s,
      ...u,
      ...own.map(({ group, b }) => b[0]! * m + b[1]! * s[group % sectors]! + b[2]! * u[group]! + 0.015 * noise()),
    ];
    returns.forEach((r, i) => (last[i] = Math.max(1, last[i]! * (1 + Math.max(-0.3, Math.min(0.3, r - 0.0002))))));
    const texts = Array.from(last, (price) => price.toFixed(2));
    writeSync(prices, `${date},${texts.join(',')}\n`);
    writeSync(load, `${date},${texts.slice(names.length).join(',')}\n`);
  }
  closeSync(prices);
  closeSync(load);
  const write = (name: string, lines: readonly string[]): void => writeFileSync(join(files, name), `${lines.join('\n')}\n`);
  write('map.csv', [
    'level,code,etf,scheme,valid_from',
    'market,*,SPY,,2000-01-03',
    ...Array.from({ length: sectors }, (_, i) => `sector,Sector ${i},${sectorCode(i)},gics,2000-01-03`),
    ...Array.from({ length: subsectors }, (_, i) => `subsector,Industry ${i},${subCode(i)},gics,2000-01-03`),
  ]);
  write('classes.csv', [
    'ticker,sector,industry,scheme,valid_from',
    ...own.map(({ name, group }) => `${name},Sector ${group % sectors},Industry ${group},gics,2000-01-03`),
  ]);
  // Of two books of one day the later would be in force: each has a day of its own.
  const book = (count: number, step: number, day: string): string[] => [
    'ticker,quantity,account,as_of',
    ...Array.from({ length: count }, (_, k) => {
      const i = k * step;
      return `${own[i % stocks]!.name},${(i % 7 === 0 ? -1 : 1) * (100 + (i % 900))},${i < stocks ? 'ONE' : 'TWO'},${day}`;
    }),
  ];
  write('book-10000.csv', book(SIZE.book, 1, dates.at(-1)!));
  write('book-200.csv', book(SIZE.small, 23, dates.at(-2)!));

  const dir = inside(home);
  const cli = (...args: string[]): void =>
    void execFileSync(NODE, [join(ROOT, 'main', 'cli', 'index.ts'), '--workspace', dir, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  mkdirSync(join(home, 'workspaces'), { recursive: true });
  cli('init');
  for (const name of ['map.csv', 'classes.csv', 'prices.csv', 'book-200.csv', 'book-10000.csv'])
    cli('import', join(files, name), ...(name === 'prices.csv' ? ['--value', 'close'] : []));
  cli('run');
}
