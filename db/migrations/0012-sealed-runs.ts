import { checksum } from '../blocks.ts';
import type { Migration } from './index.ts';

/** Columns of a run that never change, and what every book, hedge and order made of it goes by. */
export interface RunColumns {
  readonly createdAt: string;
  readonly settings: string;
  readonly knownAsOf: number;
  readonly revision: number;
  readonly fingerprint: string;
  readonly digest: string;
  readonly summary: string;
}

export const checksumOfRun = ({ createdAt, settings, knownAsOf, revision, fingerprint, digest, summary }: RunColumns): number =>
  checksum([createdAt, knownAsOf, revision, fingerprint, digest], Buffer.from(settings), Buffer.from(summary));

/** Runs carry a checksum; those of before are taken as they are. */
export const sealedRuns: Migration = {
  version: 12,
  name: 'sealed-runs',
  up(sql) {
    sql.exec('ALTER TABLE run ADD COLUMN crc INTEGER NOT NULL DEFAULT 0');
    const rows = sql.prepare('SELECT run_id AS runId, *, created_at AS createdAt, known_as_of AS knownAsOf FROM run').all();
    const update = sql.prepare('UPDATE run SET crc = ? WHERE run_id = ?');
    for (const row of rows as (RunColumns & { runId: number })[]) update.run(checksumOfRun(row), row.runId);
  },
};
