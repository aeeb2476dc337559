/** Freezing a hedge, and writing a frozen set as an order file with its manifest. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { HedgerowError } from '../../contract/errors.ts';
import { REASON_LENGTH, type OrderPackage } from '../../contract/results-orders.ts';
import { isModelled, type Check, type HedgeFiles, type HedgeOrder, type HedgeRequest, type HedgeView } from '../../contract/results.ts';
import {
  buildManifest,
  canonicalJson,
  compareOrders,
  exportRecord,
  manifestText,
  readOrders,
  verifyManifest,
  writeCheckedOrders,
  type ExportedBefore,
  type Manifest,
  type OrderFormat,
  type OrderProfile,
} from '../../exporters/orders/index.ts';
import { sha256 } from '../engine.ts';
import { nothingModelled } from '../book.ts';
import { planHedge, type HedgePlan } from '../hedge.ts';
import { iso, nowIso, type Session } from '../session.ts';
import { createQueue } from '../turns.ts';
import { stillWorking } from './checks.ts';
import { contentOf, exportsOf, frozenOf, getPackage, ordersPolicy, type ExportDetail, type PackageContent } from './packages.ts';
import { personOf } from './user.ts';
import { writeDraft, type Draft } from './write.ts';

const sha256Bytes = (text: string): Uint8Array => createHash('sha256').update(text).digest();

export interface FreezeOptions {
  readonly by?: string | undefined;
  readonly note?: string | undefined;
}

/**
 * Freezes the orders of a request in the journal; the same orders again are the same set. Rejects with usage without orders, with not_found
 * where nothing is modelled.
 */
export async function freezeHedge(session: Session, request: HedgeRequest, { by, note }: FreezeOptions = {}): Promise<OrderPackage> {
  const preparedBy = personOf(by);
  const { spec, basket, book, view } = await planHedge(session, request, { frozen: { preparedBy, approvedBy: [] } });
  if (!book.held.some(({ view: position }) => isModelled(position))) throw nothingModelled();
  if (view.orders.length === 0)
    throw new HedgerowError('usage', 'The hedge has no orders.', 'Choose layers that leave something to trade.');
  const batches = new Map((await session.reader.call('batches', null)).map((row) => [row.batchId, row]));
  const hedged = new Set(book.held.map(({ view: position }) => position.account));
  const content: PackageContent = {
    spec,
    basket,
    // The checks of a moment are not part of what is frozen: they are made anew for each export.
    view: { ...view, checks: [] },
    holdingsAsOf: iso(book.priced.asOf),
    inputs: book.priced.snapshots.map(({ batchId, file, asOf, accounts }) => ({
      file,
      sha256: batches.get(batchId)?.sha256 ?? '',
      adapter: 'holdings',
      as_of: iso(asOf),
      accounts: accounts.filter((account) => hedged.has(account)),
    })),
  };
  const text = canonicalJson(content);
  const one = {
    basket,
    specSha256: sha256(canonicalJson(spec)),
    sha256: sha256(text),
    preparedBy,
    note: note ?? '',
    content: text,
  };
  const packageId = await session.writer.call('freezePackage', { one, at: nowIso(session.environment) });
  const frozen = await getPackage(session, packageId);
  return { ...frozen, view: { ...frozen.view, checks: view.checks } };
}

/** The checks an export would meet now. Rejects as the export does when the set is not what was frozen. */
export async function checkPackage(
  session: Session,
  packageId: number,
  options: Pick<WriteOptions, 'format' | 'profile'>,
): Promise<readonly Check[]> {
  return (await computedAnew(session, await getPackage(session, packageId), options)).view.checks;
}

/** A frozen set computed anew, with the checks of now. Rejects with data when it is not what was frozen. */
async function computedAnew(
  session: Session,
  one: OrderPackage,
  { format, profile }: Pick<WriteOptions, 'format' | 'profile'>,
): Promise<HedgePlan> {
  const { spec } = await contentOf(session, one.packageId);
  const present = new Set((await session.reader.call('snapshots', null)).map(({ snapshotId }) => snapshotId));
  const gone = one.view.snapshots.filter(({ snapshotId }) => !present.has(snapshotId));
  if (gone.length > 0)
    throw new HedgerowError(
      'blocked',
      `Order set ${one.packageId} is of holdings that were taken back: ${gone.map(({ file, asOf }) => `${file} of ${asOf}`).join(', ')}.`,
      'Hedge the holdings that there are; this set is not exported.',
    );
  const plan = await planHedge(session, one.view.request, {
    again: true,
    output: { format, ...(profile ? { profile } : {}) },
    frozen: { preparedBy: one.preparedBy, approvedBy: one.approvals.map(({ by }) => by) },
  });
  if (canonicalJson(plan.spec) !== canonicalJson(spec))
    throw new HedgerowError(
      'data',
      `Order set ${one.packageId}, computed anew, is not what was frozen.`,
      'Freeze the hedge anew and compare the two sets; this one is not exported.',
    );
  return plan;
}

export interface WriteOptions {
  readonly format: OrderFormat;
  /** What the format leaves to the desk: order type, identifiers, locates, FIX session fields, a template. */
  readonly profile?: OrderProfile | undefined;
  /** Path of the order file; the manifest goes beside it as `NAME.manifest.json`. */
  readonly out: string;
  /** Why failed blocking checks are overridden; one that is `final` blocks all the same. */
  readonly override?: string | undefined;
  /** The checks this is meant for, by id: one that fails besides still blocks. All when left out. */
  readonly overriding?: readonly string[] | undefined;
  readonly by?: string | undefined;
}

export interface Written {
  readonly view: HedgeView;
  readonly package: OrderPackage;
  readonly files: HedgeFiles;
}

/** Freezes the orders of a request and exports them. */
export async function writeHedgeFiles(session: Session, request: HedgeRequest, options: WriteOptions): Promise<Written> {
  overrideReason(options);
  const { packageId } = await freezeHedge(session, request, { by: options.by });
  return exportPackage(session, packageId, options);
}

/** Empty without one. Throws usage for one too short to say anything, from a terminal as on the screen. */
function overrideReason({ override = '' }: WriteOptions): string {
  const reason = override.trim();
  const { least, most } = REASON_LENGTH;
  if (reason !== '' && (reason.length < least || reason.length > most))
    throw new HedgerowError(
      'usage',
      `The reason for an override has ${least} to ${most} characters, not ${reason.length}.`,
      'Say why the checks may be overridden.',
    );
  return reason;
}

/** The checks of each export see what the one before has sent. */
const exporting = createQueue();

/**
 * Writes the order file of a frozen set and its manifest, reads both back, and notes the export in the journal. Never overwrites.
 * The orders are computed anew and compared with what was frozen; the checks are those of now. Rejects with blocked.
 */
export const exportPackage = (session: Session, packageId: number, options: WriteOptions): Promise<Written> =>
  exporting(session, () => writePackage(session, packageId, options));

async function writePackage(session: Session, packageId: number, options: WriteOptions): Promise<Written> {
  const { format } = options;
  const one = await getPackage(session, packageId);
  const { holdingsAsOf, inputs } = await contentOf(session, packageId);
  if ((await ordersPolicy(session)).secondApprover && one.approvals.length === 0)
    throw new HedgerowError(
      'blocked',
      `Order set ${packageId} waits for a second person.`,
      'Have someone else approve it, then export it again.',
    );
  const plan = await computedAnew(session, one, options);
  const { view, profile } = plan;
  const blocking = view.checks.filter((check) => check.severity === 'block' && check.status === 'fail');
  const reason = overrideReason(options);
  const standing = reason ? blocking.filter(({ id, final }) => final || options.overriding?.includes(id) === false) : blocking;
  if (standing.length) throw blocked(standing);

  const orderFile = resolve(options.out);
  const manifestFile = `${orderFile}.manifest.json`;
  for (const file of [orderFile, manifestFile])
    if (existsSync(file))
      throw new HedgerowError('io', `${file} exists already.`, 'Choose another name; order files are never overwritten.');
  const { runId, settings, knownAsOf, revision, simulated } = view.lineage;
  const { orders } = view;
  const text = writeCheckedOrders(format, runId, orders, profile);
  const by = personOf(options.by);
  const before = await exportedBefore(session, packageId, plan);
  const createdAt = nowIso(session.environment);
  const manifest = buildManifest(
    {
      appVersion: session.environment.softwareVersion,
      runId,
      createdAt,
      orderSet: {
        id: packageId,
        sha256: one.sha256,
        frozen_at_utc: one.frozenAt,
        created_by: one.preparedBy,
        // Where one person is enough, that one answers for the set by exporting it.
        approved_by:
          one.approvals.length === 0 ? [{ by: 'self', at_utc: createdAt }] : one.approvals.map(({ by, at }) => ({ by, at_utc: at })),
      },
      asOf: { holdings: holdingsAsOf, prices: view.date, risk_model: view.date },
      inputs,
      hedgeSpec: { request: view.request, settings, known_as_of: knownAsOf, revision, basket: one.basket },
      checks: view.checks,
      ...(blocking.length ? { override: { reason, by } } : {}),
      before,
      orders,
      legs: view.legs,
      simulated,
      output: { file: basename(orderFile), format, text, ...(profile ? { profile } : {}) },
    },
    sha256Bytes,
  );
  const ownText = manifestText(manifest);
  const drafts: Draft[] = [];
  try {
    // The order file gets its name last, when the journal knows of it: what can be sent was noted, whenever the program dies.
    for (const [file, content] of [
      [manifestFile, ownText],
      [orderFile, text],
    ] as const)
      drafts.push(writeDraft(file, content));
    reread(drafts[1]!.file, format, runId, orders, manifest, profile);
    const note: ExportDetail = {
      packageId,
      by,
      format,
      reExport: before.re_export !== null,
      override: blocking.length ? { checks: blocking.map(({ id }) => id), reason } : null,
      ...exportRecord(manifest, ownText, sha256Bytes),
    };
    await session.writer.call('saveOrderSet', {
      set: {
        createdAt: nowIso(session.environment),
        runId: Number(runId.slice(1)),
        snapshotId: view.snapshotId,
        request: view.request,
        legs: view.legs,
        format,
        fileName: basename(orderFile),
        sha256: manifest.output.sha256,
        manifest,
      },
      note: { ...note },
    });
    placeNoted(drafts, packageId);
  } finally {
    for (const draft of drafts) draft.discard();
  }
  return {
    view,
    package: await getPackage(session, packageId),
    files: {
      ...{ orderFile, manifestFile, sha256: manifest.output.sha256, orders: orders.length },
      reExportOf: before.re_export?.of ?? null,
    },
  };
}

/** What the workspace's journal has of exports before one of a set. */
async function exportedBefore(session: Session, packageId: number, { book, orders, view }: HedgePlan): Promise<ExportedBefore> {
  const exports = await exportsOf(session);
  const others = [...new Set(exports.map((one) => one.packageId).reverse())].filter((other) => other !== packageId);
  const accounts = new Set(orders.map(({ account }) => account));
  const runOf = async (other: number): Promise<string> => (await frozenOf(session, other)).row.runId;
  let previous: string | null = null;
  for (const other of others) {
    if (!(await frozenOf(session, other)).orders.some(({ account }) => accounts.has(account))) continue;
    previous = await runOf(other);
    break;
  }
  const working = (await stillWorking(session, book, orders, view.request.netting !== 'per-account')).filter(
    (one) => one.packageId !== packageId,
  );
  const supersedes = [];
  for (const { packageId: other, file } of working)
    if (other !== null) supersedes.push({ order_set: other, run_id: await runOf(other), file });
  const first = exports.find((one) => one.packageId === packageId);
  return {
    previous_run_id: previous,
    supersedes,
    re_export: first ? { mark: 'RE-EXPORT', of: first.file, sha256: first.sha256, at_utc: first.at } : null,
  };
}

/** Names the files of an export that the journal has. Throws io: then there is nothing to send. */
function placeNoted(drafts: readonly Draft[], packageId: number): void {
  const placed: Draft[] = [];
  try {
    for (const draft of drafts) {
      draft.place();
      placed.push(draft);
    }
  } catch (error) {
    const { message } = error as Error;
    for (const { path } of placed) rmSync(path, { force: true });
    throw new HedgerowError(
      'io',
      `${message} The journal has this export of order set ${packageId}, but there is no order file.`,
      'Export the set again under another name, with that as the reason.',
    );
  }
}

function blocked(checks: readonly Check[]): HedgerowError {
  const final = checks.filter((check) => check.final).map(({ id }) => id);
  return new HedgerowError(
    'blocked',
    `${checks.length > 1 ? `${checks.length} checks block` : '1 check blocks'} the export: ${checks.map((check) => check.message).join(' ')}`,
    final.length > 0
      ? `Put right what the checks name; no reason overrides ${final.join(', ')}.`
      : 'Put right what the checks name, or override them with a reason (--override REASON), which the manifest records.',
    checks,
  );
}

/** Reads the written file back with our own reader and compares record by record and hash by hash. */
function reread(
  file: string,
  format: OrderFormat,
  runId: string,
  orders: readonly HedgeOrder[],
  manifest: Manifest,
  profile: OrderProfile | undefined,
): void {
  const text = readFileSync(file, 'utf8');
  const difference = compareOrders(format, runId, orders, readOrders(format, text, profile), profile);
  const verified = verifyManifest(manifest, text, sha256Bytes);
  if (difference !== null || !verified.ok)
    throw new HedgerowError(
      'io',
      `The order file read back differs from what was written: ${difference ?? JSON.stringify(verified)}`,
      'Check the disk; the file was removed again.',
    );
}
