/** Entry of the command line, from the TypeScript sources or bundled as dist/cli.cjs. */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { bundledEnvironment, sourceEnvironment } from '../core/environment.ts';

const here = import.meta.dirname;
const environment = existsSync(join(here, 'db.worker.cjs')) ? bundledEnvironment(here) : sourceEnvironment(resolve(here, '..', '..'));
// Compiled code kept between commands, here and in the workers: what is loaded from now on starts several times quicker.
process.env.NODE_COMPILE_CACHE ??= join(environment.home, 'compile-cache');
enableCompileCache(process.env.NODE_COMPILE_CACHE);
void import('./terminal.ts').then(({ runInTerminal }) => runInTerminal(environment));
