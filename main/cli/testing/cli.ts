/** The command line as a user meets it, in process: real workers, real files, captured output. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Finding, BatchRow } from '../../contract/results.ts';
import type { ErrorData } from '../../contract/errors.ts';
import type { ImportReport } from '../../contract/report.ts';
import type { CoreEnvironment } from '../../core/environment.ts';
import { ROOT, testEnvironment } from '../../core/testing/environment.ts';
import { runCommandLine } from '../main.ts';

export { ROOT };

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder for one test file, removed at its end. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Setup {
  readonly today?: string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** A workspace under test and the commands on it. */
export class Cli {
  readonly folder: string;
  readonly dir: string;
  readonly setup: Setup;

  constructor(folder: string, name: string, setup: Setup = {}) {
    this.folder = folder;
    this.dir = join(folder, `${name}.hedgerow`);
    this.setup = setup;
  }

  /** The same workspace on another day, with other threads or a signal. */
  with(setup: Setup): Cli {
    const other = new Cli(this.folder, '', { ...this.setup, ...setup });
    return Object.assign(other, { dir: this.dir });
  }

  /** A copy of the workspace as it is now. */
  copy(name: string): Cli {
    const other = new Cli(this.folder, name, this.setup);
    cpSync(this.dir, other.dir, { recursive: true });
    return other;
  }

  /** Writes a file beside the workspace; answers its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  async run(...args: string[]): Promise<Answer> {
    const { today = '2026-07-01', threads = 1, signal = new AbortController().signal } = this.setup;
    const environment: CoreEnvironment = { ...testEnvironment(), today, threads, home: this.folder };
    let out = '';
    let err = '';
    const code = await runCommandLine(['--workspace', this.dir, ...args], environment, {
      out: (text) => (out += `${text}\n`),
      note: (text) => (err += `${text}\n`),
      progress: () => undefined,
      signal,
    });
    return { code, out, err };
  }

  /** Runs with --json and insists on exit 0. */
  async value<T>(...args: string[]): Promise<T> {
    const answer = await this.run('--json', ...args);
    if (answer.code !== 0) throw new Error(`exit ${answer.code}: ${answer.err}${answer.out}`);
    return JSON.parse(answer.out) as T;
  }

  /** Runs with --json, expecting a failure: its exit code and error. */
  async error(...args: string[]): Promise<ErrorData & { readonly exit: number; readonly err: string }> {
    const answer = await this.run('--json', ...args);
    const parsed = JSON.parse(answer.out) as { error?: ErrorData };
    if (!parsed.error) throw new Error(`no error: exit ${answer.code}: ${answer.out}`);
    return { ...parsed.error, exit: answer.code, err: answer.err };
  }

  import(...args: string[]): Promise<ImportReport> {
    return this.value<ImportReport>('import', ...args);
  }

  /** Writes and imports a file in one go. */
  give(name: string, content: string | Uint8Array, ...flags: string[]): Promise<ImportReport> {
    return this.import(this.file(name, content), ...flags);
  }

  findings(...flags: string[]): Promise<Finding[]> {
    return this.value<Finding[]>('findings', ...flags);
  }

  batches(): Promise<BatchRow[]> {
    return this.value<BatchRow[]>('batches');
  }

  /** Digest of the run of the present state. */
  async digest(...flags: string[]): Promise<string> {
    return (await this.value<{ digest: string }>('run', ...flags)).digest;
  }

  /** SHA-256 of the database file. */
  bytes(): string {
    return createHash('sha256')
      .update(readFileSync(join(this.dir, 'workspace.db')))
      .digest('hex');
  }

  /** `export metrics` as its data lines (header first, no lineage). */
  async metrics(name: string, ...flags: string[]): Promise<string[]> {
    const out = join(this.folder, name);
    await this.value('export', 'metrics', '--format', 'csv', '--out', out, ...flags);
    const lines = readFileSync(out, 'utf8').split('\n');
    rmSync(out);
    if (lines.pop() !== '') throw new Error('the file does not end with a line end');
    return lines.filter((line) => !line.startsWith('#'));
  }
}
