import { join } from 'node:path';
import { bundle } from './bundles.ts';
import { folderOf, makeWorkspace } from './workspace.ts';
const root = join(import.meta.dirname, '..', '..');
await bundle(join(root, 'node_modules', '.cache', 'zz-cold'), ['cli', 'db_worker', 'compute_worker', 'io_worker']);
const SPEC = { stocks: 3000, dates: 2520, data: 'complete' } as const;
const folder = folderOf('/tmp/me', SPEC);
console.log(folder);
makeWorkspace(folder, SPEC);
