import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';
import { checksumOfRun, sealedRuns, type RunColumns } from './0012-sealed-runs.ts';

it('gives the runs there are the checksum of what they hold', () => {
  const sql = new Database(':memory:');
  for (const migration of MIGRATIONS) if (migration.version < sealedRuns.version) migration.up(sql);
  const row: RunColumns = {
    ...{ createdAt: '2026-01-02', settings: '{"window":252}', knownAsOf: 7, revision: 3 },
    ...{ fingerprint: 'f', digest: 'd', summary: '{"note":"größer"}' },
  };
  sql
    .prepare(
      `INSERT INTO run (created_at, settings, known_as_of, revision, fingerprint, digest, summary)
       VALUES (@createdAt, @settings, @knownAsOf, @revision, @fingerprint, @digest, @summary)`,
    )
    .run(row);
  sealedRuns.up(sql);
  expect(sql.prepare('SELECT crc FROM run').pluck().all()).toEqual([checksumOfRun(row)]);
  // Pinned: runs of released programs are read by it.
  expect(checksumOfRun(row)).toBe(3_553_690_046);
  sql.close();
});
