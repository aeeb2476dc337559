/** Entry of the command line, from the TypeScript sources or bundled as dist/cli.cjs. */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join, resolve } from 'node:path';
import { bundledEnvironment, sourceEnvironment } from '../core/environment.ts';

const here = import.meta.dirname;
const environment = existsSync(join(here, 'db.worker.cjs')) ? bundledEnvironment(here) : sourceEnvironment(resolve(here, '..', '..'));
// Compiled code kept between commands, of the workers and, from sources, of what is loaded from now on: it starts several times quicker.
process.env.NODE_COMPILE_CACHE ??= join(environment.home, 'compile-cache');
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
void import('./terminal.ts').then(({ runInTerminal }) => runInTerminal(environment));
