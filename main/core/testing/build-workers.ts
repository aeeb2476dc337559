/**
 * Before the tests that run the program: bundles its workers from the present sources, as a release does. Tests start hundreds of
 * workers; each would otherwise load a hundred source files.
 */
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createBuilder } from 'vite';

export { setUp as default };

async function setUp(): Promise<() => void> {
  const root = resolve(import.meta.dirname, '..', '..', '..');
  const outDir = join(root, 'node_modules', '.cache', `hedgerow-test-workers-${process.pid}`);
  const names = ['db_worker', 'compute_worker', 'io_worker'];
  const builder = await createBuilder({
    configFile: join(root, 'electron.config.ts'),
    logLevel: 'error',
    environments: Object.fromEntries(names.map((name) => [name, { build: { outDir } }])),
  });
  for (const name of names) await builder.build(builder.environments[name]!);
  process.env.HEDGEROW_TEST_WORKERS = outDir;
  return () => rmSync(outDir, { recursive: true, force: true });
}
