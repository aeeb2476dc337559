/** What an entry point tells the core about where it runs. Worker files come from the entry, so sources and bundles work alike. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How this copy was installed; an update file is put in place accordingly. */
export type Install = { readonly kind: 'portable'; readonly root: string } | { readonly kind: 'installer' };

export interface CoreEnvironment {
  readonly softwareVersion: string;
  /** Worker entry files. */
  readonly workers: { readonly db: string; readonly compute: string; readonly io: string };
  /** Folder with the shipped etf-map and other resources. */
  readonly resources: string;
  /** Folder where shells keep workspaces, spool and recent list. */
  readonly home: string;
  /** Path of a SQLite binding other than the package's own. */
  readonly nativeBinding?: string | undefined;
  /** Compute threads; default: cores - 1, at least 1, at most 16. */
  readonly threads?: number | undefined;
  /** Absent: a copy that runs from its sources. */
  readonly install?: Install | undefined;
  /** Today as ISO day; tests fix it. */
  readonly today?: string | undefined;
}

function homeFolder(): string {
  const given = process.env.HEDGEROW_HOME;
  if (given) return given;
  if (process.platform === 'win32') return join(process.env.APPDATA ?? homedir(), 'Hedgerow');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Hedgerow');
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'hedgerow');
}

function overrides(): Pick<CoreEnvironment, 'nativeBinding' | 'today' | 'threads'> {
  const threads = Number(process.env.HEDGEROW_THREADS);
  return {
    nativeBinding: process.env.HEDGEROW_SQLITE_BINDING || undefined,
    today: process.env.HEDGEROW_TODAY || undefined,
    threads: Number.isInteger(threads) && threads > 0 ? threads : undefined,
  };
}

/** Environment of an entry that runs from the TypeScript sources. */
export function sourceEnvironment(root: string): CoreEnvironment {
  const workers = join(root, 'main', 'workers');
  const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
  return {
    softwareVersion: version,
    workers: { db: join(workers, 'db.worker.ts'), compute: join(workers, 'compute.worker.ts'), io: join(workers, 'io.worker.ts') },
    resources: join(root, 'resources'),
    home: homeFolder(),
    ...overrides(),
  };
}

/** A portable copy has its bundles in ROOT/versions/VERSION/app, and the file ROOT/current says which version starts. */
function portableInstall(dist: string): Install | undefined {
  const root = join(dist, '..', '..', '..');
  return existsSync(join(root, 'current')) && existsSync(join(root, 'versions')) ? { kind: 'portable', root } : undefined;
}

/** Environment of a bundled entry in the folder `dist`. */
export function bundledEnvironment(dist: string): CoreEnvironment {
  const version = (JSON.parse(readFileSync(join(dist, 'package.json'), 'utf8')) as { version: string }).version;
  return {
    softwareVersion: version,
    workers: { db: join(dist, 'db.worker.cjs'), compute: join(dist, 'compute.worker.cjs'), io: join(dist, 'io.worker.cjs') },
    resources: join(dist, 'resources'),
    home: homeFolder(),
    install: portableInstall(dist),
    ...overrides(),
  };
}
