/** Frozen order sets as the journal holds them: content, approvals, exports. */
import { HedgerowError } from '../../contract/errors.ts';
import type {
  Approval,
  OrderExport,
  OrderPackage,
  OrderPackageRow,
  OrdersComparison,
  OrdersPolicy,
} from '../../contract/results-orders.ts';
import type { HedgeOrder, HedgeView } from '../../contract/results.ts';
import type { ForgottenOrders, RestoreDetail } from '../../workers/db/folder.ts';
import { isBuy, type RecordedExport } from '../../exporters/orders/index.ts';
import { sha256 } from '../engine.ts';
import { entriesOf } from '../journal.ts';
import { nowIso, type Session } from '../session.ts';
import { personOf, sameName } from './user.ts';

/** What is frozen. */
export interface PackageContent {
  readonly spec: unknown;
  readonly basket: string;
  readonly view: HedgeView;
  /** ISO day of the holdings. */
  readonly holdingsAsOf: string;
  readonly inputs: readonly {
    readonly file: string;
    readonly sha256: string;
    readonly adapter: string;
    readonly as_of: string | null;
    readonly accounts: readonly string[];
  }[];
}

interface ApproveDetail extends Omit<Approval, 'at'> {
  readonly packageId: number;
  readonly sha256: string;
}

/** What the journal keeps of an export beside the row of the order set. */
export interface ExportDetail extends Omit<RecordedExport, 'seq'>, Omit<OrderExport, 'at' | 'orderSetId' | 'file' | 'sha256'> {
  readonly packageId: number;
}

type OfPackage = { readonly packageId: number };

/** Exports with the package each is of, oldest first; a package's second one and those after it are re-exports. */
export async function exportsOf(session: Session): Promise<(OrderExport & OfPackage)[]> {
  const exports = await entriesOf(session, 'orders', ({ at, detail }) => {
    const { packageId, orderSetId, by, format, override, file, fileSha256: sha256 } = detail as ExportDetail & { orderSetId: number };
    return { packageId, orderSetId, at, by, format, override, file, sha256 };
  });
  const seen = new Set<number>();
  return exports.filter(hasPackage).map((one) => {
    const reExport = seen.has(one.packageId);
    seen.add(one.packageId);
    return { ...one, reExport };
  });
}

/** Orders that were sent and that restores took out of the journal. */
export const forgottenBy = async (session: Session): Promise<readonly ForgottenOrders[]> =>
  (await entriesOf(session, 'restore', ({ detail }) => (detail as RestoreDetail).forgotten ?? [])).flat();

/** Exports of another program version have none. */
const hasPackage = ({ packageId }: Partial<OfPackage>): boolean => packageId !== undefined;

/** What a check of the files of each export rests on, oldest first; long, and so not kept. */
export async function recordsOf(session: Session): Promise<RecordedExport[]> {
  const entries = await session.reader.call('journalOf', { action: 'orders', after: 0 });
  return entries.flatMap(({ seq, detail }) => {
    const { runId, file, fileSha256, manifestSha256, manifestLines, ...of } = detail as ExportDetail;
    return hasPackage(of) ? [{ runId, file, fileSha256, manifestSha256, manifestLines, seq }] : [];
  });
}

type Head = Awaited<ReturnType<typeof packagesAfter>>[number];

const packagesAfter = (session: Session, after: number) => session.reader.call('packages', { after });

/** What a session has read of frozen sets, in the order of their numbers. Nothing frozen ever changes, so each is read once. */
interface Read {
  readonly heads: Head[];
  readonly frozen: Map<number, Frozen>;
  /** Shares by account and ETF of the sets that were exported, each once. */
  readonly sent: { readonly sets: Set<number>; readonly shares: Map<string, number> };
}

/** What lists, checks and the ledger ask of a frozen set again and again. */
interface Frozen {
  /** What the list says of it by itself. */
  readonly row: Omit<OrderPackageRow, 'approvals' | 'exports'>;
  readonly basket: string;
  /** Snapshots of its book. */
  readonly snapshotIds: readonly number[];
  readonly orders: readonly FrozenOrder[];
  /** Accounts that the orders hedge as one; none where each account was hedged by its own. */
  readonly asOne: readonly string[];
  /** Shares and dollars per ETF, over its accounts. */
  readonly sizes: ReadonlyMap<string, { readonly quantity: number; readonly notional: number }>;
}

export type FrozenOrder = Pick<HedgeOrder, 'orderId' | 'account' | 'symbol' | 'side' | 'quantity' | 'notional'>;

const reads = new WeakMap<Session, Read>();

function readOf(session: Session): Read {
  let read = reads.get(session);
  if (!read) reads.set(session, (read = { heads: [], frozen: new Map(), sent: { sets: new Set(), shares: new Map() } }));
  return read;
}

/** Heads of all frozen sets, oldest first. */
export async function headsOf(session: Session): Promise<readonly Head[]> {
  const { heads } = readOf(session);
  const last = (): number => heads.at(-1)?.packageId ?? 0;
  const more = await packagesAfter(session, last());
  // Another question may have brought the same ones meanwhile.
  heads.push(...more.filter((one) => one.packageId > last()));
  return heads;
}

/** The frozen content. Rejects with not_found, or data when it is not what was frozen. */
export async function contentOf(session: Session, packageId: number): Promise<PackageContent> {
  const text = await session.reader.call('packageContent', { packageId });
  if (text === null)
    throw new HedgerowError('not_found', `There is no order set ${packageId}.`, 'List the order sets to see their numbers.');
  const head = (await headsOf(session)).find((one) => one.packageId === packageId)!;
  if (sha256(text) !== head.sha256)
    throw new HedgerowError(
      'data',
      `Order set ${packageId} is not what was frozen: its hash differs.`,
      'Freeze the hedge anew; keep the workspace for inspection.',
    );
  return JSON.parse(text) as PackageContent;
}

/** All packages, latest first. */
export async function listPackages(session: Session): Promise<OrderPackageRow[]> {
  const heads = await headsOf(session);
  const [exports, approvals] = [await exportsOf(session), await approvalsOf(session)];
  const rows: OrderPackageRow[] = [];
  for (const { packageId } of heads) rows.push({ ...(await frozenOf(session, packageId)).row, ...standing(packageId, approvals, exports) });
  return rows.reverse();
}

/** The frozen set of a number, in short; rejects like `contentOf`. */
export async function frozenOf(session: Session, number: number): Promise<Frozen> {
  const { frozen } = readOf(session);
  const known = frozen.get(number);
  if (known) return known;
  const { view, inputs } = await contentOf(session, number);
  const head = (await headsOf(session)).find(({ packageId }) => packageId === number)!;
  const { packageId, basket, sha256: hash, frozenAt, preparedBy, note } = head;
  const signed = view.orders.map((order) => (isBuy(order) ? order.notional : -order.notional));
  const one: Frozen = {
    row: {
      ...{ packageId, basket, sha256: hash, frozenAt, preparedBy, note },
      runId: view.lineage.runId,
      snapshotId: view.snapshotId,
      date: view.date,
      orders: view.orders.length,
      grossNotional: signed.reduce((sum, value) => sum + Math.abs(value), 0),
      netNotional: signed.reduce((sum, value) => sum + value, 0),
      simulated: view.lineage.simulated,
    },
    basket,
    snapshotIds: view.request.snapshotIds ?? [view.snapshotId],
    orders: view.orders.map(({ orderId, account, symbol, side, quantity, notional }) => ({
      orderId,
      account,
      symbol,
      side,
      quantity,
      notional,
    })),
    asOne: view.request.netting === 'per-account' ? [] : inputs.flatMap(({ accounts }) => accounts),
    sizes: sizesOf(view.orders),
  };
  frozen.set(number, one);
  return one;
}

function sizesOf(orders: readonly HedgeOrder[]): Frozen['sizes'] {
  const sizes = new Map<string, { quantity: number; notional: number }>();
  for (const { symbol, quantity, notional } of orders) {
    const sum = sizes.get(symbol) ?? { quantity: 0, notional: 0 };
    sizes.set(symbol, { quantity: sum.quantity + quantity, notional: sum.notional + notional });
  }
  return sizes;
}

/** Signed shares that exported sets traded, by `account\netf`; a set exported again counts once. */
export async function sentShares(session: Session): Promise<ReadonlyMap<string, number>> {
  const { sets, shares } = readOf(session).sent;
  for (const { packageId } of await exportsOf(session)) {
    if (sets.has(packageId)) continue;
    const { orders } = await frozenOf(session, packageId);
    // Another question may have counted it meanwhile.
    if (sets.has(packageId)) continue;
    sets.add(packageId);
    for (const order of orders) {
      const key = `${order.account}\n${order.symbol}`;
      shares.set(key, (shares.get(key) ?? 0) + (isBuy(order) ? order.quantity : -order.quantity));
    }
  }
  return shares;
}

/** Who approved a set and where it was exported to. */
const standing = (
  packageId: number,
  approvals: Awaited<ReturnType<typeof approvalsOf>>,
  exports: Awaited<ReturnType<typeof exportsOf>>,
): Pick<OrderPackageRow, 'approvals' | 'exports'> => ({
  approvals: approvals.filter((one) => one.packageId === packageId).map(({ by, at, note }) => ({ by, at, note })),
  exports: exports.filter((one) => one.packageId === packageId).map(({ packageId: _, ...one }) => one),
});

export async function getPackage(session: Session, packageId: number): Promise<OrderPackage> {
  const { view } = await contentOf(session, packageId);
  const { row } = await frozenOf(session, packageId);
  return { ...row, ...standing(packageId, await approvalsOf(session), await exportsOf(session)), view };
}

const approvalsOf = (session: Session): Promise<readonly (Approval & OfPackage)[]> =>
  entriesOf(session, 'approve', ({ at, detail }) => ({ ...(detail as ApproveDetail), at }));

/** A second person vouches for the frozen set. Rejects when that is no name, who prepared it, or who approved it before. */
export async function approvePackage(session: Session, packageId: number, by: string, note: string): Promise<OrderPackage> {
  const person = personOf(by);
  const one = await getPackage(session, packageId);
  if (sameName(person, one.preparedBy))
    throw new HedgerowError('usage', `${person} prepared order set ${packageId}.`, 'Someone else has to approve it.');
  if (one.approvals.some((before) => sameName(before.by, person)))
    throw new HedgerowError('usage', `${person} has approved order set ${packageId} already.`, 'One approval a person.');
  const detail: ApproveDetail = { packageId, sha256: one.sha256, by: person, note };
  await session.writer.call('appendJournal', { action: 'approve', detail, at: nowIso(session.environment) });
  return getPackage(session, packageId);
}

/** Whether exports need a second person; a change is noted in the journal. */
export async function ordersPolicy(
  session: Session,
  change: { secondApprover?: boolean | undefined; by?: string | undefined } = {},
): Promise<OrdersPolicy> {
  if (change.secondApprover !== undefined) {
    const detail = { secondApprover: change.secondApprover, by: personOf(change.by) };
    await session.writer.call('appendJournal', { action: 'policy', detail, at: nowIso(session.environment) });
  }
  const last = (await entriesOf(session, 'policy', ({ detail }) => detail as OrdersPolicy)).at(-1);
  return { secondApprover: last?.secondApprover === true };
}

/** Two sets side by side. */
export async function comparePackages(session: Session, a: number, b: number): Promise<OrdersComparison> {
  const [left, right] = [await getPackage(session, a), await getPackage(session, b)];
  const rows = new Map<string, { account: string; symbol: string; a: number; b: number; price: number }>();
  for (const [side, { view }] of [
    ['a', left],
    ['b', right],
  ] as const)
    for (const order of view.orders) {
      const key = `${order.account}\n${order.symbol}`;
      const row = rows.get(key) ?? { account: order.account, symbol: order.symbol, a: 0, b: 0, price: order.price };
      row[side] += isBuy(order) ? order.quantity : -order.quantity;
      row.price = order.price;
      rows.set(key, row);
    }
  const row = ({ view: _, ...rest }: OrderPackage): OrderPackageRow => rest;
  return {
    a: row(left),
    b: row(right),
    rows: [...rows.values()]
      .map(({ price, ...one }) => ({ ...one, difference: one.b - one.a, notional: (one.b - one.a) * price }))
      .sort((x, y) => Math.abs(y.notional) - Math.abs(x.notional) || (x.symbol < y.symbol ? -1 : 1)),
  };
}
