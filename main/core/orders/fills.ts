/** What was executed of exported sets, kept in the journal. */
import { HedgerowError } from '../../contract/errors.ts';
import { exactShares } from '../../contract/units.ts';
import type { FillsFile, FillsReport, OrderFill } from '../../contract/results-orders.ts';
import { isBuy, isOrderHeader } from '../../exporters/orders/index.ts';
import { canonicalTicker, MOST_ABOVE_HEADER, parseFills, type FillsProblem, type ParsedFill } from '../../importers/index.ts';
import { groupBy } from '../../workers/db/group.ts';
import { sha256 } from '../engine.ts';
import { entriesOf } from '../journal.ts';
import { readWhole } from '../read-file.ts';
import { nowIso, type Session } from '../session.ts';
import { createQueue } from '../turns.ts';
import { exportsOf, frozenOf, type FrozenOrder } from './packages.ts';

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
  const changes = await entriesOf(session, 'fills-count', ({ detail }) => detail as CountDetail);
  const counts = new Map(changes.map((change) => [change.entry, change.counts]));
  const imported = await entriesOf(session, 'fills', ({ seq, at, detail }) => ({ ...(detail as FillsDetail), entry: seq, at }));
  return imported.map((file) => ({ ...file, counts: counts.get(file.entry) ?? true }));
}

interface CountDetail {
  readonly entry: number;
  readonly file: string;
  readonly counts: boolean;
}

export const fillsFiles = async (session: Session): Promise<readonly FillsFile[]> =>
  (await importedFills(session)).map(({ entry, file, at, counts, fills }) => ({
    ...{ entry, file, at, counts },
    executions: fills.filter(({ quantity }) => quantity > 0).length,
  }));

/** What a file repeats is seen only when the one before it is stored. */
const storing = createQueue();

/** Takes an imported file back, or lets it count again: an entry of its own, as nothing in the journal is changed. */
export const countFills = (session: Session, entry: number, counts: boolean): Promise<readonly FillsFile[]> =>
  storing(session, () => setCounted(session, entry, counts));

async function setCounted(session: Session, entry: number, counts: boolean): Promise<readonly FillsFile[]> {
  const files = await importedFills(session);
  const one = files.find((other) => other.entry === entry);
  if (!one) throw new HedgerowError('not_found', `Journal entry ${entry} is no file of executions.`, 'Choose one of the ledger.');
  const detail: CountDetail = { entry, file: one.file, counts };
  if (counts && !one.counts) {
    const [twice] = countedTwice(one.fills, files, await sentOrders(session));
    if (twice) throw new HedgerowError('blocked', `${one.file}: ${twice.message}`, twice.fix);
  }
  if (one.counts !== counts) await session.writer.call('appendJournal', { action: 'fills-count', detail, at: nowIso(session.environment) });
  return fillsFiles(session);
}

const keyOf = ({ orderId, execId }: OrderFill): string => `${orderId}\n${execId ?? ''}`;

/** Executions of files that count: one that the broker numbers is one, in however many files it is. */
function counted(files: readonly ImportedFills[]): readonly (OrderFill & { readonly file: ImportedFills })[] {
  const seen = new Set<string>();
  return files.flatMap((file) =>
    (file.counts ? file.fills : []).flatMap((fill) => {
      if (fill.execId && seen.has(keyOf(fill))) return [];
      seen.add(keyOf(fill));
      return [{ ...fill, file }];
    }),
  );
}

/** Shares filled by order id, of all files that count; executions of an order add up. */
export async function fillsOf(session: Session): Promise<ReadonlyMap<string, number>> {
  const out = new Map<string, number>();
  for (const { orderId, quantity } of counted(await importedFills(session)))
    out.set(orderId, exactShares((out.get(orderId) ?? 0) + quantity));
  return out;
}

/** Orders of all exported sets by id. */
async function sentOrders(session: Session): Promise<ReadonlyMap<string, FrozenOrder>> {
  const out = new Map<string, FrozenOrder>();
  for (const packageId of new Set((await exportsOf(session)).map((one) => one.packageId)))
    for (const order of (await frozenOf(session, packageId)).orders) out.set(order.orderId, order);
  return out;
}

/** The place of an execution in `fills`, and what is wrong with it. */
interface Twice extends Pick<FillsProblem, 'message' | 'fix'> {
  readonly at: number;
}

/**
 * Executions that files which count seem to hold already: where not both have the broker's numbers, the same shares at the same price of an
 * order, what was filled of it so far, or more than was ordered once both are added up, cannot be told from new ones.
 */
function countedTwice(fills: readonly OrderFill[], files: readonly ImportedFills[], orders: ReadonlyMap<string, FrozenOrder>): Twice[] {
  const before = counted(files);
  const numbered = new Map<string, OrderFill & { readonly where: string }>(
    before.map((one) => [keyOf(one), { ...one, where: one.file.file }]),
  );
  const sums = new Map<string, number>();
  for (const { orderId, quantity } of before) sums.set(orderId, (sums.get(orderId) ?? 0) + quantity);
  const ofOrder = groupBy(before, ({ orderId }) => orderId);
  const totals = new Set<string>();
  return fills.flatMap((fill, at): Twice[] => {
    const { orderId, execId, quantity, price } = fill;
    const known = execId ? numbered.get(keyOf(fill)) : undefined;
    if (known && (known.quantity !== quantity || known.price !== price)) {
      const message = `Execution ${execId} of ${orderId} is of ${known.quantity} shares at ${known.price ?? 'no price'} in ${known.where}, of ${quantity} at ${price ?? 'no price'} here.`;
      return [{ at, message, fix: 'Leave the one that is right; a file that is wrong can be taken back.' }];
    }
    numbered.set(keyOf(fill), { ...fill, where: 'an earlier line' });
    // Nothing filled adds nothing, and is no execution that a later file could repeat.
    if (quantity === 0) return [];
    const earlier = (ofOrder.get(orderId) ?? []).filter((one) => one.quantity > 0);
    if (fill.soFar) {
      const where = earlier.at(-1)?.file ?? (totals.has(orderId) ? { file: 'an earlier line', entry: null } : null);
      totals.add(orderId);
      if (where) return [{ at, ...soFarTwice(orderId, where) }];
    }
    if (earlier.length === 0 || known) return [];
    const sum = exactShares(sums.get(orderId)! + quantity);
    sums.set(orderId, sum);
    if (execId && earlier.every((one) => one.execId)) return [];
    const same = earlier.find((one) => one.quantity === quantity && one.price === price && !(one.execId && execId));
    const ordered = orders.get(orderId)?.quantity ?? Infinity;
    if (!same && sum <= ordered) return [];
    const { file, entry } = (same ?? earlier.at(-1)!).file;
    const what = same
      ? `${quantity} shares${price === null ? '' : ` at ${price}`} of ${orderId} are in ${file} too`
      : `With ${file} ${sum} of the ${ordered} shares of ${orderId} would be filled`;
    return [
      {
        at,
        message: `${what}: it cannot be told whether they are the same execution.`,
        fix: `Where this file repeats it, take that one back first (entry ${entry} of the ledger); else give the executions of both an exec_id.`,
      },
    ];
  });
}

/** What a broker says was filled so far holds what it said before. */
function soFarTwice(orderId: string, { file, entry }: { readonly file: string; readonly entry: number | null }): Omit<Twice, 'at'> {
  return {
    message: `${orderId} is in ${file} too: what was filled so far of an order is not added to what was filled before.`,
    fix: `${entry === null ? 'Keep its last line' : `Take that one back first (entry ${entry} of the ledger)`}; where these are further executions, name the column quantity.`,
  };
}

/** What of a line contradicts the order it names. */
function againstOrder({ orderId, symbol, buys, line, columns }: ParsedFill, order: FrozenOrder | undefined): FillsProblem[] {
  const at = (column: 'orderId' | 'symbol' | 'side', message: string, fix: string): FillsProblem => ({
    ...{ line, column: columns[column] ?? 1 },
    ...{ message, fix },
  });
  if (!order)
    return [at('orderId', `${orderId} is no order of an exported set.`, 'Take the line out, or open the workspace it belongs to.')];
  const fix = 'Correct the order id, or take the line out.';
  const traded = symbol.replace(/ (US|UN|UP|UQ)( EQUITY)?$/i, '');
  return [
    ...(symbol !== '' && canonicalTicker(traded) !== canonicalTicker(order.symbol)
      ? [at('symbol', `The line is of ${symbol.slice(0, 40)}, order ${orderId} of ${order.symbol}.`, fix)]
      : []),
    ...(buys !== null && buys !== isBuy(order)
      ? [at('side', `The line ${buys ? 'buys' : 'sells'}, order ${orderId} is ${order.side}.`, fix)]
      : []),
  ];
}

/** Part of an order's price by which an execution may be off it. */
const NEAR = 0.2;

/**
 * Lines of which it cannot be told whether 1,234 is 1 share at 234 or 1234 shares. What an order is too small for is one share; so is a price
 * near that of the order, where another line of the file shows that there are prices.
 */
function cutNumbers(fills: readonly ParsedFill[], orders: ReadonlyMap<string, FrozenOrder>): FillsProblem[] {
  const couldBeOne = ({ orderId, joined }: ParsedFill): boolean =>
    joined !== null && Number.isInteger(joined) && joined <= (orders.get(orderId)?.quantity ?? 0);
  const isNear = ({ orderId, price }: ParsedFill): boolean => {
    const order = orders.get(orderId);
    const own = order ? order.notional / order.quantity : NaN;
    return price !== null && Math.abs(price - own) <= NEAR * own;
  };
  const hasPrices = fills.some((fill) => isNear(fill) && !couldBeOne(fill));
  return fills
    .filter((fill) => couldBeOne(fill) && !(hasPrices && isNear(fill)))
    .map(({ quantity, price, joined, line, columns }) => ({
      line,
      column: columns.quantity!,
      message: `It cannot be told whether these are ${quantity} shares at ${price} or ${joined} shares, cut at a comma.`,
      fix: `Write ${joined} without a comma, or ${quantity}.0 for ${quantity} shares at ${price}.`,
    }));
}

/** An order file taken for executions would count every order as done. */
async function orderFile(session: Session, bytes: Uint8Array, hash: string): Promise<FillsProblem | null> {
  const sent = (await exportsOf(session)).find((one) => one.sha256 === hash);
  const lines = new TextDecoder().decode(bytes.subarray(0, 2 ** 16)).split(/[\r\n]+/, MOST_ABOVE_HEADER);
  if (!sent && !lines.some(isOrderHeader)) return null;
  return {
    ...{ line: 1, column: 1 },
    message: `This is an order file${sent ? `, exported of set ${sent.packageId} as ${sent.file}` : ''}: orders are not executions.`,
    fix: "Choose the broker's report of what was executed.",
  };
}

/**
 * Reads a file of executions; stored whole or, with any problem, not at all. The same file again is nothing new, or counts again when it had
 * been taken back.
 */
export const importFills = (session: Session, path: string, name: string): Promise<FillsReport> =>
  storing(session, () => storeFills(session, path, name));

async function storeFills(session: Session, path: string, name: string): Promise<FillsReport> {
  const bytes = readWhole(path, LARGEST, 'Choose the file of executions.', name);
  const hash = sha256(bytes);
  const wrong = await orderFile(session, bytes, hash);
  if (wrong) return { file: name, entry: null, fills: [], outcome: 'rejected', problems: [wrong] };
  const { fills, problems } = parseFills(name, bytes);
  const orders = await sentOrders(session);
  problems.push(...cutNumbers(fills, orders));
  for (const fill of fills) problems.push(...againstOrder(fill, orders.get(fill.orderId)));
  const kept = fills.map(({ orderId, quantity, price, execId, soFar }): OrderFill => ({
    orderId,
    quantity,
    price,
    ...(execId ? { execId } : soFar ? { soFar } : {}),
  }));
  const detail: FillsDetail = { file: name, sha256: hash, fills: kept };
  const files = await importedFills(session);
  const before = files.find((one) => one.sha256 === detail.sha256);
  if (before?.counts && problems.length === 0) return { file: name, entry: before.entry, fills: kept, outcome: 'nothing_new', problems };
  for (const { at, message, fix } of countedTwice(kept, files, orders))
    problems.push({ line: fills[at]!.line, column: fills[at]!.columns.orderId ?? 1, message, fix });
  problems.sort((a, b) => a.line - b.line);
  if (problems.length > 0) return { file: name, entry: null, fills: [], outcome: 'rejected', problems };
  if (before) await setCounted(session, before.entry, true);
  else await session.writer.call('appendJournal', { action: 'fills', detail, at: nowIso(session.environment) });
  const { entry } = (await importedFills(session)).find((one) => one.sha256 === detail.sha256)!;
  return { file: name, entry, fills: kept, outcome: 'stored', problems };
}
