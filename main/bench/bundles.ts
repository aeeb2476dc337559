import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createBuilder } from 'vite';

const ROOT = join(import.meta.dirname, '..', '..');

/** Builds the released bundles of these names (environments of `electron.config.ts`) into a folder, with what they read beside them. */
export async function bundle(folder: string, names: readonly string[]): Promise<void> {
  const builder = await createBuilder({
    configFile: join(ROOT, 'electron.config.ts'),
    logLevel: 'error',
    environments: Object.fromEntries(names.map((name) => [name, { build: { outDir: folder } }])),
  });
  for (const name of names) await builder.build(builder.environments[name]!);
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  cpSync(join(ROOT, 'resources'), join(folder, 'resources'), { recursive: true });
}
