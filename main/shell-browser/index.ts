/**
 * Entry of the browser shell, from the TypeScript sources or bundled as dist/browser-shell.cjs.
 *
 *   browser-shell [--no-open] [--port N] [--any-user] [WORKSPACE]
 *
 * --any-user lets a browser of another user of this machine in (one outside the container, for example); it still needs the launch code.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { toErrorData } from '../contract/errors.ts';
import { bundledEnvironment, sourceEnvironment } from '../core/environment.ts';
import { createCore } from '../core/index.ts';
import { launchBrowserShell } from './launch.ts';

async function main(): Promise<void> {
  const here = import.meta.dirname;
  const bundled = existsSync(join(here, 'db.worker.cjs'));
  const root = resolve(here, '..', '..');
  const { values, positionals } = parseArgs({
    options: { 'no-open': { type: 'boolean' }, 'any-user': { type: 'boolean' }, port: { type: 'string' } },
    allowPositionals: true,
  });
  const environment = bundled ? bundledEnvironment(here) : sourceEnvironment(root);
  const core = await createCore(environment);
  const [workspace] = positionals;
  if (workspace) await core.call('workspace.open', { handle: core.files.registerPath(resolve(workspace)) });
  const shell = await launchBrowserShell(core, {
    assetsDir: bundled ? join(here, 'renderer') : join(root, 'dist', 'renderer'),
    home: environment.home,
    open: !values['no-open'],
    anyUser: values['any-user'] ?? false,
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shell.close());
  await shell.ended;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const { message, action } = toErrorData(error);
    process.stderr.write(`hedgerow: ${message} ${action}\n`);
    process.exit(1);
  },
);
