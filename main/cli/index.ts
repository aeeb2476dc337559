/** Entry of the command line, from the TypeScript sources or bundled as dist/cli.cjs. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundledEnvironment, sourceEnvironment } from '../core/environment.ts';
import { runCommandLine, type Terminal } from './main.ts';

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

const here = import.meta.dirname;
const environment = existsSync(join(here, 'db.worker.cjs')) ? bundledEnvironment(here) : sourceEnvironment(resolve(here, '..', '..'));
// Compiled code kept between commands: the workers then start four times quicker.
process.env.NODE_COMPILE_CACHE ??= join(environment.home, 'compile-cache');
void runCommandLine(process.argv.slice(2), environment, terminal).then((code) => (process.exitCode = code));
