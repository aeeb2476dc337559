/** Setting a workspace up in one go: a command line opens and closes it each time, which is slow when there is much to import. */
import type { ImportOptions } from '../../contract/report.ts';
import type { CoreEnvironment } from '../../core/environment.ts';
import { importFile } from '../../core/imports.ts';
import { testEnvironment } from '../../core/testing/environment.ts';
import { withSession, type Session } from '../../core/session.ts';
import type { Cli } from './cli.ts';

/** Environment of the commands of a `Cli`. */
export function environmentOf({ setup, folder }: Cli): CoreEnvironment {
  const { today = '2026-07-01', threads = 1 } = setup;
  return { ...testEnvironment(), today, threads, home: folder };
}

/** Works on the workspace of a `Cli` as its commands would, in one session. */
export function inSession<T>(cli: Cli, work: (session: Session) => Promise<T>): Promise<T> {
  return withSession(environmentOf(cli), cli.dir, work);
}

/** Imports texts as files, restatements accepted; throws unless each is committed. */
export async function importAll(
  session: Session,
  cli: Cli,
  files: Readonly<Record<string, string>>,
  options: ImportOptions = {},
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const report = await importFile(session, cli.file(name, text), { acceptRestatements: true, ...options });
    if (report.outcome !== 'committed') throw new Error(`${name}: ${report.outcome}: ${JSON.stringify(report.issues.slice(0, 3))}`);
  }
}
