/** The command line in a terminal: signals, progress on one line, the exit code. */
import type { CoreEnvironment } from '../core/environment.ts';
import { runCommandLine, type Terminal } from './main.ts';

/** Runs the command of this process. */
export async function runInTerminal(environment: CoreEnvironment): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.once('SIGTERM', () => abort.abort());
  // A reader that stops early (head, less) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write('\r\u001b[K');
    shown = false;
  };
  const terminal: Terminal = {
    out(text) {
      clear();
      process.stdout.write(`${text}\n`);
    },
    note(text) {
      clear();
      process.stderr.write(`${text}\n`);
    },
    progress(share, note) {
      if (!process.stderr.isTTY) return;
      process.stderr.write(`\r\u001b[K${share === null ? '' : `${Math.round(share * 100)} % `}${note}`);
      shown = true;
    },
    signal: abort.signal,
  };
  process.exitCode = await runCommandLine(process.argv.slice(2), environment, terminal);
}
