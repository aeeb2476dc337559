import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { record } from '../bench/record.ts';
import { startRun } from './runs.ts';
import { closeSession } from './session.ts';
import { hasModern, importBook, importModern, residualShares } from './testing/modern.ts';

describe.skipIf(!hasModern)('the modern set at full size', () => {
  it('imports and runs, and keeps the figures', { timeout: 1_200_000 }, async () => {
    const modern = await importModern();
    const { session, folder } = modern;
    try {
      const first = (await startRun(session, {})).summary;
      const again = (await startRun(session, { like: first.lineage.runId })).summary;
      const info = await session.reader.call('info', null);
      expect(first.checks.failedRows).toBe(0);
      const importMs = modern.etfs.milliseconds + modern.stocks.milliseconds + modern.classification.milliseconds;
      const values = modern.etfs.counts.rows + modern.stocks.counts.rows;
      await importBook(modern);
      await startRun(session, {});
      record('residual-shares', { book: '30 names, equal dollars, 2026-07-31', byLevel: await residualShares(modern) });
      record('modern', {
        import: { seconds: importMs / 1000, values, valuesPerSecond: (values / importMs) * 1000 },
        databaseMB: info.bytes / 1e6,
        run: {
          rows: first.rows,
          securities: first.securities,
          firstMs: first.milliseconds,
          againMs: again.milliseconds,
          threads: first.threads,
          checks: first.checks,
        },
        peakMemoryMB: process.resourceUsage().maxRSS / 1024,
      });
    } finally {
      await closeSession(session);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
