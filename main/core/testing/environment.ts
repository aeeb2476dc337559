import { join, resolve } from 'node:path';
import { sourceEnvironment, type CoreEnvironment } from '../environment.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..', '..');

// Compiled code of the workers is kept between them.
process.env.NODE_COMPILE_CACHE ??= join(ROOT, 'node_modules', '.cache', 'hedgerow-tests');

/** The core from the sources, with the workers that `build-workers.ts` made of them. */
export function testEnvironment(): CoreEnvironment {
  const folder = process.env.HEDGEROW_TEST_WORKERS;
  const source = sourceEnvironment(ROOT);
  if (!folder) return source;
  const worker = (name: string): string => join(folder, `${name}.worker.cjs`);
  return { ...source, workers: { db: worker('db'), compute: worker('compute'), io: worker('io') } };
}
