/**
 * A simulated workspace of everything that strains a screen: names of 60 letters and more, counts of six digits, values that are missing,
 * positions without a price or a model. For pictures (`screenshots.ts`) and for what must still fit.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionsFrom } from '../main/cli/testing/market.ts';
import { noteOpened } from '../main/core/recent.ts';
import { createNoise } from '../main/quant/cascade/testing/market.ts';
import { NODE, ROOT } from './shells.ts';

/** At least 60 letters. */
const long = (words: string): string => `${words} of the Greater Northern Territories and Overseas Dependencies Holdings`;
export const ODD = long('Book');
const SECTORS = ['Information Technology and Communication Services', 'Health Care, Life Sciences and Diagnostics'].map(long);
const SUBSECTORS = ['Semiconductor Manufacturing Equipment', 'Biotechnology and Pharmaceutical Contract Research'].map(long);
const STOCKS = 150;
const DAYS = 900;

/** Gives `home` the workspace, listed as opened lately, with one run. Needs a build. */
export function plantOddWorkspace(home: string): void {
  const files = join(home, 'files');
  mkdirSync(files, { recursive: true });
  const days = sessionsFrom('2022-06-01', DAYS);
  const noise = createNoise(21);
  const etfs = ['SPY', 'XSA', 'XSB', 'XUA', 'XUB'];
  const stocks = Array.from({ length: STOCKS }, (_, i) => `LONGTICK${String(i).padStart(3, '0')}`);
  const last = new Map([...etfs, ...stocks].map((name) => [name, 100]));
  const lines = ['date,ticker,close'];
  days.forEach((day, t) => {
    const m = 0.0003 + 0.009 * noise();
    const s = [m + 0.006 * noise(), m + 0.006 * noise()];
    const u = s.map((x) => 0.3 * m + 0.7 * x + 0.006 * noise());
    const moves = [m, ...s, ...u, ...stocks.map((_, i) => 0.4 * m + 0.3 * s[i % 2]! + 0.3 * u[i % 2]! + 0.015 * noise())];
    [...etfs, ...stocks].forEach((name, i) => {
      last.set(name, Math.max(1, last.get(name)! * (1 + moves[i]!)));
      const stock = i - etfs.length;
      // Young names, holes, and one that stopped.
      if (stock >= 0 && ((stock % 11 === 3 && t < DAYS - 60) || (stock % 7 === 2 && t % 90 < 4) || (stock === 5 && t > DAYS - 30))) return;
      lines.push(`${day},${name},${last.get(name)!.toFixed(2)}`);
    });
  });
  const write = (name: string, rows: readonly string[]): string => {
    const path = join(files, name);
    writeFileSync(path, `${rows.join('\n')}\n`);
    return path;
  };
  const quoted = (text: string): string => `"${text}"`;
  const accounts = ['Custody account one', 'Prime brokerage account two'].map((words) => long(words).slice(0, 60));
  const end = days.at(-1)!;
  const given = [
    write('map.csv', [
      'level,code,etf,scheme,valid_from',
      'market,*,SPY,,2000-01-03',
      ...SECTORS.map((name, i) => `sector,${quoted(name)},${etfs[1 + i]!},gics,2000-01-03`),
      ...SUBSECTORS.map((name, i) => `subsector,${quoted(name)},${etfs[3 + i]!},gics,2000-01-03`),
    ]),
    write('classes.csv', [
      'ticker,sector,industry,scheme,valid_from',
      ...stocks.flatMap((name, i) =>
        i % 13 === 4 ? [] : [`${name},${quoted(SECTORS[i % 2]!)},${quoted(SUBSECTORS[i % 2]!)},gics,2000-01-03`],
      ),
    ]),
    write('prices-of-the-greater-northern-territories-and-overseas-dependencies-2022-2025.csv', lines),
    write('holdings-of-the-greater-northern-territories-and-overseas-dependencies.csv', [
      'ticker,name,quantity,account,as_of',
      ...stocks
        .slice(0, 120)
        .map(
          (name, i) =>
            `${name},${quoted(long(`Company number ${i}`))},${(i % 9 === 0 ? -1 : 1) * (100 + 987 * i)},${quoted(accounts[i % 2]!)},${end}`,
        ),
      `SPY,${quoted(long('Index fund'))},-12345,${quoted(accounts[0]!)},${end}`,
      `NOPRICE,${quoted(long('A company nobody has a price for'))},1000,${quoted(accounts[1]!)},${end}`,
    ]),
  ];
  const dir = join(home, 'workspaces', `${ODD}.hedgerow`);
  mkdirSync(join(home, 'workspaces'), { recursive: true });
  const cli = (...words: string[]): void =>
    void execFileSync(NODE, [join(ROOT, 'dist', 'cli.cjs'), '--workspace', dir, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  cli('init');
  for (const path of given) cli('import', path);
  cli('run');
  noteOpened(home, dir, new Date().toISOString());
}
