/** Stored runs: two of them on one book. */
import { HedgerowError } from '../../contract/errors.ts';
import type { RunsCompared } from '../../contract/results-workbench.ts';
import type { RunSummary } from '../../contract/results.ts';
import { getBook } from '../book.ts';
import { listRuns } from '../runs.ts';
import type { Hooks, Session } from '../session.ts';
import { compareBooks } from './compare-books.ts';

export interface CompareRunsInput {
  readonly first: string;
  readonly second: string;
  readonly snapshotId?: number | undefined;
  readonly account?: string | undefined;
  readonly level?: 1 | 2 | 3 | undefined;
  /** ISO day; default: the last day both runs have. */
  readonly date?: string | undefined;
}

/**
 * The exposures of one holdings snapshot under two runs, on one date: what another setting, another day of knowledge or other data
 * changes for the money held. A run without the snapshot answers a note instead of a comparison.
 */
export async function compareRuns(session: Session, input: CompareRunsInput, hooks: Hooks = {}): Promise<RunsCompared> {
  const runs = await listRuns(session);
  const listed = async (runId: string): Promise<RunSummary> => {
    const run = runs.find((one) => one.lineage.runId === runId);
    if (run) return run;
    // Of a damaged run this tells what is wrong.
    await session.reader.call('run', { runId });
    throw new HedgerowError('not_found', `There is no run ${runId}.`, 'List the runs to see their ids.');
  };
  const [first, second] = [await listed(input.first), await listed(input.second)];
  const date = [input.date, first.lastDay, second.lastDay].filter((day) => day !== undefined).sort()[0]!;
  const nothing = { first: input.first, second: input.second, etfs: [], positions: [] };
  // Without a snapshot it is the book of each run: of every account its latest holdings.
  const { account, level, snapshotId } = input;
  try {
    const book = (runId: string) => getBook(session, { runId, date, account, level, ...(snapshotId === undefined ? {} : { snapshotId }) });
    hooks.onProgress?.(0.1, `the book under ${input.first}`);
    const before = await book(input.first);
    hooks.signal?.throwIfAborted();
    hooks.onProgress?.(0.6, `the book under ${input.second}`);
    const after = await book(input.second);
    return { ...nothing, ...compareBooks(before, after), snapshotId: after.snapshotId, date: after.date, note: null };
  } catch (error) {
    if (!(error instanceof HedgerowError) || error.data.code !== 'not_found') throw error;
    return {
      ...nothing,
      snapshotId: snapshotId ?? null,
      date,
      note: `${error.data.message} Choose holdings that both runs know, or run again.`,
    };
  }
}
