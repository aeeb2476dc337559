/** Whether an order file and its manifest are what was exported. */
import { createHash } from 'node:crypto';
import type { OrdersVerification } from '../../contract/results-orders.ts';
import { journalBroken, verifyOrderSet } from '../../exporters/orders/index.ts';
import type { SourceFile } from '../imports.ts';
import { walkJournal } from '../journal.ts';
import { readWhole } from '../read-file.ts';
import type { Session } from '../session.ts';
import { recordsOf } from './packages.ts';

/** Larger than any order file the program writes. */
const LARGEST = 64 * 2 ** 20;

/** Checks the texts against each other and, with a session, against its journal. Rejects with not_found, io or data for files that cannot be read. */
export async function verifyFiles(session: Session | null, orderFile: SourceFile, manifestFile: string): Promise<OrdersVerification> {
  const [orders, manifest] = [read(orderFile.path), read(manifestFile)];
  const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
  if (!session) return { ...verifyOrderSet(orders, manifest, null, sha256, orderFile.name), journal: null };
  const { entries, head, ...state } = await journalState(session);
  const journal = { entries, head };
  const message = journalBroken(state);
  if (message !== null) return { ok: false, part: 'journal', line: state.brokenAt, message, journal };
  return { ...verifyOrderSet(orders, manifest, await recordsOf(session), sha256, orderFile.name), journal };
}

/** The journal, walked, and what it says of batches compared with them; where it is broken or they differ, the newest backup in which all is whole. */
export async function journalState(session: Session) {
  const { whole, ...walked } = await walkJournal(session);
  return { ...walked, backup: whole ? null : await session.reader.call('newestWholeBackup', null) };
}

// `toString` keeps a byte order mark, which belongs to the file.
const read = (path: string): string => readWhole(path, LARGEST, 'Choose the order file.').toString('utf8');
