/** A book at a level above the deepest one, where the subsector fund has holes: every number is of the level's own rows. */
import { describe, expect, it } from 'vitest';
import { Cli, scratch } from '../cli/testing/cli.ts';
import { CLASSES, MAP, pricesText, smallMarket } from '../cli/testing/market.ts';
import { importAll, inSession } from '../cli/testing/session.ts';
import type { RegressionHeader } from '../contract/results-security.ts';
import { getBook } from './book.ts';
import { previewHedge } from './hedge.ts';
import { attribution } from './risk/attribution.ts';
import { getRisk } from './risk/view.ts';
import { startRun } from './runs.ts';
import { subjectOf, viewOf } from './security.ts';
import { securityRegression } from './security-regression.ts';

const market = smallMarket(140);
const last = market.days.at(-1)!;
const SETTINGS = { window: 60, minObs: 30 };

/** Returns of the last window. */
const returns = (ticker: string): number[] =>
  market.closes[ticker]!.map((close, t, all) => (t === 0 ? NaN : close / all[t - 1]! - 1)).slice(-60);
const mean = (x: readonly number[]): number => x.reduce((sum, one) => sum + one, 0) / x.length;
const cov = (x: readonly number[], y: readonly number[]): number =>
  x.reduce((sum, one, i) => sum + (one - mean(x)) * (y[i]! - mean(y)), 0) / (x.length - 1);
const less = (y: readonly number[], slope: number, x: readonly number[]): number[] => y.map((one, t) => one - slope * x[t]!);

describe('a book at level 2 where level 3 has fewer rows', () => {
  it('is hedged layer by layer, and its residual measured, on the rows of level 2', async () => {
    const cli = new Cli(scratch(), 'held');
    await cli.value('init');
    await inSession(cli, async (session) => {
      const soxx = market.days.flatMap((day, t) => (t % 9 === 4 ? [] : [`${day},SOXX,${market.closes.SOXX![t]}`]));
      const young = market.days.slice(-4).map((day, t) => `${day},XLF,${market.closes.XLF!.slice(-4)[t]}`);
      await importAll(session, cli, {
        'map.csv': MAP,
        'classes.csv': CLASSES,
        'prices.csv': `${pricesText(market, ['SPY', 'XLK', 'AAA', 'BBB'])}${[...soxx, ...young].join('\n')}\n`,
        'book.csv': `ticker,quantity,account,as_of\nAAA,1000,ONE,${last}\nBBB,-300,ONE,${last}\n`,
      });
      await startRun(session, { settings: SETTINGS });
      const [m, s] = [returns('SPY'), returns('XLK')];
      const sm = cov(s, m) / cov(m, m);
      const clean = less(s, sm, m);
      const held = (
        [
          ['AAA', 1000],
          ['BBB', -300],
        ] as const
      ).map(([ticker, shares]) => {
        const r = returns(ticker);
        const b = [cov(r, m) / cov(m, m), cov(r, clean) / cov(clean, clean)] as const;
        const e = less(less(r, b[0], m), b[1], clean);
        return { value: shares * market.closes[ticker]!.at(-1)!, b, variance: cov(r, r), residual: cov(e, e) };
      });
      const sum = (of: (one: (typeof held)[number]) => number): number => held.reduce((total, one) => total + of(one), 0);
      const annual = (variance: number): number => Math.sqrt(252 * variance);

      const book = await getBook(session, { level: 2 });
      expect(book.positions.map(({ level }) => level)).toEqual([2, 2]);
      book.positions.forEach(({ volatility, residual }, i) => {
        expect(volatility).toBeCloseTo(annual(held[i]!.variance), 10);
        expect(residual).toBeCloseTo(held[i]!.residual / held[i]!.variance, 10);
      });
      const residual = annual(sum(({ value, residual: own }) => value ** 2 * own));
      expect(book.volatility.residual! / residual).toBeCloseTo(1, 10);
      // The rows of level 3 say something else.
      expect(Math.abs((await getBook(session, {})).positions[0]!.volatility! / annual(held[0]!.variance) - 1)).toBeGreaterThan(1e-3);

      const targets = async (market: number, sector: number): Promise<Record<string, number>> => {
        const view = await previewHedge(session, { level: 2, layers: { market, sector, subsector: 0 } });
        expect(view.volatility.residual! / residual).toBeCloseTo(1, 10);
        return Object.fromEntries(view.legs.map(({ etf, modelTarget }) => [etf, modelTarget]));
      };
      const part = await targets(40, 70);
      const sector = sum(({ value, b }) => value * b[1]);
      expect(part.XLK).toBeCloseTo(-0.7 * sector, 6);
      expect(part.SPY).toBeCloseTo(-0.4 * sum(({ value, b }) => value * b[0]) + 0.7 * sector * sm, 6);
      const whole = await targets(100, 100);
      for (const { etf, exposure } of book.etfs) expect(whole[etf]).toBeCloseTo(-exposure, 8);
      const { risk } = await getRisk(session, { level: 2 });
      expect(risk!.identities.filter(({ ok }) => !ok)).toEqual([]);

      // A hedge in a fund of three returns: of so few days there is no covariance, and nothing leans on one.
      const edits = [{ account: 'ONE', ticker: 'XLF', quantity: -100 }];
      const leaning = await previewHedge(session, { exclude: ['XLK'] });
      expect(leaning.legs.some(({ etf, target, modelTarget }) => etf !== 'XLK' && target !== modelTarget)).toBe(true);
      const blind = await previewHedge(session, { exclude: ['XLK'] }, edits);
      for (const { etf, target, modelTarget } of blind.legs) expect([etf, target]).toEqual([etf, etf === 'XLK' ? 0 : modelTarget]);
      expect(blind.legs.find(({ etf }) => etf === 'XLF')!.shares).toBe(100);
      const { before, after, rounded } = blind.volatility;
      expect([before, after, rounded]).toEqual([null, null, null]);
      expect(blind.checks.find(({ id }) => id === 'rounding')!.message).toMatch(
        /^The funds have 2 common returns in the window, 30 are needed/,
      );

      // Slopes of an estimator that is shown and not formed again are drawn from one level's fit too.
      await startRun(session, { settings: { ...SETTINGS, refresh: 'month-end' } });
      const { header } = await securityRegression(session, { securityId: book.positions[0]!.securityId!, level: 2 });
      const { formedAgain, level, checks } = header as unknown as RegressionHeader;
      expect([formedAgain, level]).toEqual([false, 2]);
      expect(checks.find(({ name }) => name.startsWith('replication'))!.deviation).toBeLessThan(1e-12);
    });
  });
});

describe('a subsector fund held as an investment', () => {
  it("is hedged in the layers of the chains of its day: rows of no scheme serve, links are the estimator's, and a sector fund that is the market fund is none", async () => {
    const cli = new Cli(scratch(), 'parents');
    await cli.value('init');
    await inSession(cli, async (session) => {
      const [m, s, u] = [returns('SPY'), returns('XLK'), returns('SOXX')];
      const value = 100 * market.closes.SOXX!.at(-1)!;
      await importAll(session, cli, {
        'map.csv': MAP.replaceAll('gics', ''),
        // Under financials, as the bank is, it will be on the days to come.
        'classes.csv': `${CLASSES}CCC,Financials,Semiconductors,gics,2030-01-01\nBBB,Financials,Semiconductors,gics,2030-01-01\n`,
        'prices.csv': pricesText(market),
        'book.csv': `ticker,quantity,account,as_of\nSOXX,100,ONE,${last}\n`,
      });
      const targets = async (layer: 'market' | 'sector' | 'subsector'): Promise<Record<string, number>> => {
        const { legs } = await previewHedge(session, { layers: { market: 0, sector: 0, subsector: 0, [layer]: 100 } });
        return Object.fromEntries(legs.map(({ etf, modelTarget }) => [etf, modelTarget / value]));
      };
      const sm = cov(s, m) / cov(m, m);
      const um = cov(u, m) / cov(m, m);
      const clean = less(s, sm, m);
      const us = cov(u, clean) / cov(clean, clean);
      await startRun(session, { settings: SETTINGS });
      for (const [layer, wanted] of [
        ['market', { SPY: -um, XLK: 0, SOXX: 0 }],
        ['sector', { SPY: us * sm, XLK: -us, SOXX: 0 }],
        ['subsector', { SPY: um - us * sm, XLK: us, SOXX: -1 }],
      ] as const) {
        const found = await targets(layer);
        for (const [etf, share] of Object.entries(wanted)) expect(found[etf] ?? 0, `${layer} ${etf}`).toBeCloseTo(share, 9);
      }

      // Under another estimator they are its links, and attribution has those of the day before.
      const before = market.days.at(-2)!;
      await startRun(session, { settings: { preset: 'robust-held', ...SETTINGS } });
      const subject = await subjectOf(session, { ticker: 'AAA' });
      const { links } = await viewOf(session, subject, last);
      expect((await viewOf(session, subject, before)).links).toEqual(links);
      expect(Math.abs(links.um! - um)).toBeGreaterThan(1e-3);
      expect((await targets('market')).SPY).toBeCloseTo(-links.um!, 10);
      expect((await targets('sector')).XLK).toBeCloseTo(-links.us!, 10);
      const parts = (await attribution(session, { from: last, to: last })).arithmetic!;
      const [sector, fund] = [s.at(-1)! - links.sm! * m.at(-1)!, links.um! * m.at(-1)!];
      expect([parts.market, parts.sector, parts.subsector, parts.residual].map((x) => x.toFixed(10))).toEqual(
        [fund, links.us! * sector, u.at(-1)! - fund - links.us! * sector, 0].map((x) => x.toFixed(10)),
      );

      await importAll(session, cli, { 'map-2.csv': MAP.replace('Technology,XLK', 'Technology,SPY') });
      await startRun(session, { settings: SETTINGS });
      const { positions } = await getBook(session, {});
      expect(positions).toMatchObject([{ ticker: 'SOXX', role: 'investment', reason: null }]);
      const found = await targets('sector');
      expect(found.SPY).toBeCloseTo(um, 9);
      expect(found.SOXX).toBeCloseTo(-1, 9);
    });
  });
});
