/** The numbered migrations, oldest first. To add one: a file `NNNN-name.ts`, a line here, a test beside it. */
import type { Sql } from '../connection.ts';
import { initial } from './0001-initial.ts';
import { looksAndLists } from './0002-looks-and-lists.ts';
import { identityDecisions } from './0003-identity-decisions.ts';
import { seriesLines } from './0004-series-lines.ts';
import { etfProxies } from './0005-etf-proxies.ts';
import { universeVersions } from './0006-universe-versions.ts';
import { holdingsKinds } from './0007-holdings-kinds.ts';
import { fileTemplates } from './0008-file-templates.ts';
import { seriesJoins } from './0009-series-joins.ts';
import { journalIndexes } from './0010-journal-indexes.ts';
import { sealedJoins } from './0011-sealed-joins.ts';
import { sealedRuns } from './0012-sealed-runs.ts';

export interface Migration {
  /** `user_version` after it; 1, 2, 3 ... without holes. */
  readonly version: number;
  readonly name: string;
  /** Runs inside the migration's own transaction. */
  readonly up: (sql: Sql) => void;
}

export const MIGRATIONS: readonly Migration[] = [
  initial,
  looksAndLists,
  identityDecisions,
  seriesLines,
  etfProxies,
  universeVersions,
  holdingsKinds,
  fileTemplates,
  seriesJoins,
  journalIndexes,
  sealedJoins,
  sealedRuns,
];
