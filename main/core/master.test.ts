/** The security master on real listings, renames, splits and capitalisations (a few hundred names; `master.long.test.ts` takes all). */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findIdentities, showIdentity } from './identities.ts';
import { closeSession } from './session.ts';
import { classicDoctor } from './testing/classic-doctor.ts';
import { matrixLines } from './testing/listings.ts';
import { hasModern } from './testing/modern.ts';
import { importMaster, proveMaster, type MasterProof, type ModernMaster } from './testing/modern-master.ts';
import { largestEver, universeBias } from './testing/universe-bias.ts';

const NAMED = 'FB META FISV FI SQ XYZ OSTK BYON BBBY B BNY TEN GOLD SPWR Q FLY COR GE CMG WMT NFLX'.split(' ');

describe.skipIf(!hasModern)('the security master on the modern set of real prices', () => {
  let master: ModernMaster;
  let proof: MasterProof;
  const names = new Set(NAMED);
  const wanted = (ticker: string): boolean => names.has(ticker);

  beforeAll(async () => {
    for (const ticker of largestEver(50)) names.add(ticker);
    // Some small names, in which splits and jumps are.
    for (const ticker of matrixLines('modern_raw_close_stocks.csv.gz').lines.keys()) if (/^AB?[C-H]/.test(ticker)) names.add(ticker);
    master = await importMaster(wanted);
    proof = await proveMaster(master, wanted);
  }, 240_000);

  afterAll(async () => {
    await closeSession(master.session);
    rmSync(master.folder, { recursive: true, force: true });
  });

  const tickersOf = async (ticker: string): Promise<string[][]> => {
    const hits = await findIdentities(master.session, ticker);
    const ids = hits.filter((hit) => hit.matched.split(' ').includes(ticker)).map((hit) => hit.securityId);
    const all = await Promise.all([...new Set(ids)].map((id) => showIdentity(master.session, id)));
    return all.map((one) => one.names.filter((name) => name.type === 'ticker').map((name) => name.code)).sort();
  };

  it('keeps one series through renames and recycled tickers apart', async () => {
    expect(await tickersOf('FB')).toEqual([['FB', 'META']]);
    expect(await tickersOf('SQ')).toEqual([['SQ', 'XYZ']]);
    // Frank's International had FI before Fiserv, which has its old ticker again.
    expect(await tickersOf('FI')).toEqual([['FI'], ['FISV', 'FI', 'FISV']]);
    expect(await tickersOf('BBBY')).toEqual([['BBBY'], ['OSTK', 'BYON', 'BBBY']]);
    for (const ticker of ['B', 'TEN', 'GOLD', 'SPWR']) expect([ticker, (await tickersOf(ticker)).length]).toEqual([ticker, 2]);
    expect(master.listings.recycled).toEqual(expect.arrayContaining(['B', 'BBBY', 'FI', 'GOLD', 'SPWR', 'TEN']));
    expect(proof.quarantined).toEqual({ names: 0, rows: 0 });
  });

  it('comes closer to the published adjusted returns with identities and again with splits; what is left is told apart', () => {
    const { tickers, securities, withSplits } = proof.agreement;
    expect(securities.within).toBeGreaterThan(tickers.within);
    expect(withSplits.within).toBeGreaterThan(securities.within);
    expect(withSplits.within).toBeGreaterThan(0.96);
    expect(tickers.rest['two companies']).toBeGreaterThan(1000);
    expect(securities.rest['two companies']).toBeLessThan(tickers.rest['two companies'] / 10);
    expect(securities.rest.split).toBeGreaterThan(40);
    expect(withSplits.rest.split).toBeLessThan(securities.rest.split / 4);
    expect(withSplits.rest.other / withSplits.days).toBeLessThan(1e-4);
    const beyond = Object.values(withSplits.rest).reduce((sum, count) => sum + count, 0);
    expect(beyond).toBe(Math.round(withSplits.days * (1 - withSplits.within)));
    expect(proof.findings).toMatchObject({ jump: expect.any(Number), source_gap: expect.any(Number) });
  });

  it('shows the bias of today’s list: every year it earns more than the universe that was chosen at the time', async () => {
    const years = await universeBias(master, wanted, 'mc_50');
    expect(years.map((one) => one.year)).toEqual(['2021', '2022', '2023', '2024', '2025', '2026']);
    for (const one of years) {
      expect(one.members).toBeCloseTo(50, 0);
      expect([one.year, one.difference > 0.03]).toEqual([one.year, true]);
    }
    const strangers = years.map((one) => one.notOnTodaysList);
    expect(strangers).toEqual([...strangers].sort((a, b) => b - a));
    expect(strangers[0]).toBeGreaterThan(15);
  });

  it('the doctor finds little in the classic set, whose actions are complete, and the split that is taken out', async () => {
    const found = await classicDoctor((ticker) => /^A[A-M]/.test(ticker), 'AAPL 2020-08-31');
    expect(found.securities).toBeGreaterThan(20);
    expect(found.findings).toMatchObject({ split_missed: 1 });
    expect(Object.keys(found.findings).filter((code) => /^(split|adjusted|dividend)/.test(code))).toEqual(['split_missed']);
    expect(found.named.split_missed).toEqual(['AAPL']);
  });
});
