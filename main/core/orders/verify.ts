/** Whether an order file and its manifest are what was exported. */
import { createHash } from 'node:crypto';
import { openSync, closeSync, readFileSync, fstatSync } from 'node:fs';
import { basename } from 'node:path';
import { HedgerowError } from '../../contract/errors.ts';
import type { OrdersVerification } from '../../contract/results-orders.ts';
import { verifyOrderSet } from '../../exporters/orders/index.ts';
import type { Session } from '../session.ts';
import { exportsOf } from './packages.ts';

/** Larger than any order file the program writes. */
const LARGEST = 64 * 2 ** 20;

/** Checks the texts against each other and, with a session, against its journal. Rejects with io for files that cannot be read. */
export async function verifyFiles(session: Session | null, orderFile: string, manifestFile: string): Promise<OrdersVerification> {
  const [orders, manifest] = [read(orderFile), read(manifestFile)];
  const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
  if (!session) return { ...verifyOrderSet(orders, manifest, null, sha256), journal: null };
  const { entries, brokenAt, head } = await session.reader.call('verifyJournal', null);
  const journal = { entries, head };
  if (brokenAt !== null)
    return {
      ok: false,
      part: 'journal',
      line: brokenAt,
      message: `The journal's entry ${brokenAt} does not follow the one before: an entry was altered, lost or put in.`,
      journal,
    };
  const records = (await exportsOf(session)).map(({ record }) => record);
  return { ...verifyOrderSet(orders, manifest, records, sha256), journal };
}

function read(path: string): string {
  let handle;
  try {
    handle = openSync(path, 'r');
    if (fstatSync(handle).size > LARGEST) throw new Error('it is larger than any order file');
    // `toString` keeps a byte order mark, which belongs to the file.
    return readFileSync(handle).toString('utf8');
  } catch (error) {
    throw new HedgerowError('io', `${basename(path)} cannot be read: ${(error as Error).message}`, 'Check the name of the file.');
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
