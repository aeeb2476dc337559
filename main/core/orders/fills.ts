/** What was executed of exported sets, kept in the journal. */
import { readFileSync, statSync } from 'node:fs';
import { HedgerowError } from '../../contract/errors.ts';
import type { FillsReport, OrderFill } from '../../contract/results-orders.ts';
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

/** Fills by order id, of all imported files; executions of an order add up. */
export async function fillsOf(session: Session): Promise<ReadonlyMap<string, { quantity: number; cost: number | null }>> {
  const out = new Map<string, { quantity: number; cost: number | null }>();
  for (const { detail } of await session.reader.call('journalOf', { action: 'fills' }))
    for (const { orderId, quantity, price } of (detail as FillsDetail).fills) {
      const sum = out.get(orderId) ?? { quantity: 0, cost: 0 };
      sum.quantity += quantity;
      sum.cost = sum.cost === null || price === null ? null : sum.cost + quantity * price;
      out.set(orderId, sum);
    }
  return out;
}

/** Reads a file of executions; stored whole or, with any problem, not at all. The same file again is nothing new. */
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
  if (problems.length > 0) return { file: name, fills: [], outcome: 'rejected', problems };
  const detail: FillsDetail = { file: name, sha256: sha256(bytes), fills: kept };
  const before = await session.reader.call('journalOf', { action: 'fills' });
  if (before.some((entry) => (entry.detail as FillsDetail).sha256 === detail.sha256))
    return { file: name, fills: kept, outcome: 'nothing_new', problems };
  await session.writer.call('appendJournal', { action: 'fills', detail, at: nowIso(session.environment) });
  return { file: name, fills: kept, outcome: 'stored', problems };
}
