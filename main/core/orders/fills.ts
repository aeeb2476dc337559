/** What was executed of exported sets, kept in the journal. */
import { readFileSync, statSync } from 'node:fs';
import { HedgerowError } from '../../contract/errors.ts';
import type { FillsFile, FillsReport, OrderFill } from '../../contract/results-orders.ts';
import { parseFills } from '../../importers/index.ts';
import { sha256 } from '../engine.ts';
import { nowIso, type Session } from '../session.ts';
import { contentOf, exportsOf } from './packages.ts';

interface FillsDetail {
  readonly file: string;
  readonly sha256: string;
  readonly fills: readonly OrderFill[];
}

const LARGEST = 16 * 2 ** 20;

interface ImportedFills extends FillsDetail {
  /** Number of its journal entry. */
  readonly entry: number;
  readonly at: string;
  readonly counts: boolean;
}

/** All imported files, oldest first; one counts until it is taken back. */
async function importedFills(session: Session): Promise<readonly ImportedFills[]> {
  const { reader } = session;
  const changes = await reader.call('journalOf', { action: 'fills-count' });
  const counts = new Map(changes.map(({ detail }) => [(detail as CountDetail).entry, (detail as CountDetail).counts]));
  const imported = await reader.call('journalOf', { action: 'fills' });
  return imported.map(({ seq, at, detail }) => ({ ...(detail as FillsDetail), entry: seq, at, counts: counts.get(seq) ?? true }));
}

interface CountDetail {
  readonly entry: number;
  readonly file: string;
  readonly counts: boolean;
}

export const fillsFiles = async (session: Session): Promise<readonly FillsFile[]> =>
  (await importedFills(session)).map(({ entry, file, at, counts, fills }) => ({ entry, file, at, counts, executions: fills.length }));

/** Takes an imported file back, or lets it count again: an entry of its own, as nothing in the journal is changed. */
export async function countFills(session: Session, entry: number, counts: boolean): Promise<readonly FillsFile[]> {
  const one = (await importedFills(session)).find((other) => other.entry === entry);
  if (!one) throw new HedgerowError('not_found', `Journal entry ${entry} is no file of executions.`, 'Choose one of the ledger.');
  const detail: CountDetail = { entry, file: one.file, counts };
  if (one.counts !== counts) await session.writer.call('appendJournal', { action: 'fills-count', detail, at: nowIso(session.environment) });
  return fillsFiles(session);
}

/** Fills by order id, of all files that count; executions of an order add up. */
export async function fillsOf(session: Session): Promise<ReadonlyMap<string, { quantity: number; cost: number | null }>> {
  const out = new Map<string, { quantity: number; cost: number | null }>();
  for (const { fills, counts } of await importedFills(session))
    for (const { orderId, quantity, price } of counts ? fills : []) {
      const sum = out.get(orderId) ?? { quantity: 0, cost: 0 };
      sum.quantity += quantity;
      sum.cost = sum.cost === null || price === null ? null : sum.cost + quantity * price;
      out.set(orderId, sum);
    }
  return out;
}

/**
 * Reads a file of executions; stored whole or, with any problem, not at all. The same file again is nothing new, or counts again when it had
 * been taken back.
 */
export async function importFills(session: Session, path: string, name: string): Promise<FillsReport> {
  if (statSync(path).size > LARGEST) throw new HedgerowError('usage', `${name} is larger than 16 MB.`, 'Choose the file of executions.');
  const bytes = readFileSync(path);
  const { fills, problems } = parseFills(name, bytes);
  const known = new Set<string>();
  for (const { packageId } of await exportsOf(session))
    for (const { orderId } of (await contentOf(session, packageId)).view.orders) known.add(orderId);
  for (const { orderId, line } of fills)
    if (!known.has(orderId))
      problems.push({
        line,
        column: 1,
        message: `${orderId} is no order of an exported set.`,
        fix: 'Take the line out, or open the workspace it belongs to.',
      });
  problems.sort((a, b) => a.line - b.line);
  const kept = fills.map(({ orderId, quantity, price }): OrderFill => ({ orderId, quantity, price }));
  if (problems.length > 0) return { file: name, entry: null, fills: [], outcome: 'rejected', problems };
  const detail: FillsDetail = { file: name, sha256: sha256(bytes), fills: kept };
  const before = (await importedFills(session)).find((one) => one.sha256 === detail.sha256);
  if (before?.counts) return { file: name, entry: before.entry, fills: kept, outcome: 'nothing_new', problems };
  if (before) await countFills(session, before.entry, true);
  else await session.writer.call('appendJournal', { action: 'fills', detail, at: nowIso(session.environment) });
  const { entry } = (await importedFills(session)).find((one) => one.sha256 === detail.sha256)!;
  return { file: name, entry, fills: kept, outcome: 'stored', problems };
}
