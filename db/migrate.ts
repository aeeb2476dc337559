/** Brings a database to the newest schema: a verified backup first, then one transaction per migration. */
import { guarded } from './connection.ts';
import type { Sql } from './connection.ts';
import { copyDatabase } from './copy.ts';
import { latestVersion } from './inspect.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';

/**
 * Runs the migrations above the file's `user_version`. A file that held anything (version 1 or later) is backed up and the
 * backup verified before the first one. A migration that fails leaves the file at the version before it.
 */
export function migrate(dir: string, sql: Sql, nativeBinding: string | undefined, migrations: readonly Migration[] = MIGRATIONS): void {
  const from = Number(sql.pragma('user_version', { simple: true }));
  const to = latestVersion(migrations);
  if (from >= to) return;
  if (from > 0) copyDatabase(dir, sql, nativeBinding, `before-format-${from + 1}`);
  for (const migration of migrations) {
    if (migration.version <= from) continue;
    guarded(dir, () =>
      sql
        .transaction(() => {
          migration.up(sql);
          sql.pragma(`user_version = ${migration.version}`);
        })
        .immediate(),
    );
  }
}
