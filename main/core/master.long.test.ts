import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../bench/record.ts';
import { closeSession } from './session.ts';
import { classicDoctor } from './testing/classic-doctor.ts';
import { hasModern } from './testing/modern.ts';
import { importMaster, proveMaster } from './testing/modern-master.ts';
import { universeBias } from './testing/universe-bias.ts';

describe.skipIf(!hasModern)('the security master at full size', () => {
  it('proves itself on every listed name, and keeps the figures', { timeout: 1_200_000 }, async () => {
    const all = (): boolean => true;
    const master = await importMaster(all);
    try {
      const proof = await proveMaster(master, all);
      const { tickers, securities, withSplits } = proof.agreement;
      expect(securities.within).toBeGreaterThan(tickers.within);
      expect(withSplits.within).toBeGreaterThan(securities.within);
      expect(proof.recycled).toBeGreaterThan(100);
      record('security-master', { values: master.closes.counts.new, ...proof });
      record('universe-bias', {
        universe: 'mc_500',
        mean: 'of daily equal-weighted returns, times 252',
        years: await universeBias(master, all, 'mc_500'),
      });
    } finally {
      await closeSession(master.session);
      rmSync(master.folder, { recursive: true, force: true });
    }
    const { named: _, ...classic } = await classicDoctor(all, '', true);
    expect(classic.securities).toBeGreaterThan(3000);
    record('classic-doctor', { ...classic });
  });
});
