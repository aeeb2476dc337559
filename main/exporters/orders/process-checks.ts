/** Pre-trade checks on the set and its way out (broker-formats D 18, 30, 32 to 36), and on the book it rests on. */
import { toErrorData } from '../../contract/errors.ts';
import type { CheckContext, JournalState } from './check-context.ts';
import { count, list, money, NO_FILE, percent, type CheckRow, type Found } from './check-words.ts';
import { compareOrders, readOrders, writeOrders } from './files.ts';
import { toRecords } from './records.ts';

export function processChecks(context: CheckContext): CheckRow[] {
  return [
    ['limits', 'warn', 'No limit is in the way of the hedge.', limits(context)],
    ['account_twice', 'block', 'No account is in the book twice.', (context.twinAccounts ?? []).map((text): Found => ['block', text])],
    ['order_ids', 'block', 'Order ids are whole, unique and of this set alone.', orderIds(context)],
    ['formula', 'block', 'No cell can run as a formula in a spreadsheet.', formulas(context)],
    ['read_back', 'block', 'The file, written and read back, says the same orders.', readBack(context)],
    ['four_eyes', 'block', approved(context), fourEyes(context)],
    ['journal', 'block', 'Every entry of the journal follows the one before, and what was imported is as it was stored.', journal(context)],
    ['dry_run', 'inform', 'Nothing would happen: there are no orders.', dryRun(context)],
  ];
}

function limits({ limits: found }: CheckContext): Found[] {
  if (!found) return [];
  const names = [...new Set(found.legs.map(({ etf }) => etf))];
  const what = names.length > 0 ? `Limits keep ${list(names)} from the model's target` : 'The gross cap keeps the hedge from its target';
  const scale = found.scale < 1 ? `, and the gross cap scales every position to ${percent(found.scale)}` : '';
  if (found.lost === null) return [['warn', `${what}${scale}; what that costs cannot be told without a covariance of these ETFs.`]];
  const alone = found.lostAlone !== null && found.lostAlone > found.lost ? ` (${money(found.lostAlone)} if nothing stood in)` : '';
  return [['warn', `${what}${scale}: ${money(found.lost)} of factor volatility a year stay unhedged${alone}.`]];
}

const ID = /^H\d{6}[A-Z][A-Z2-7]{4}\d{2,3}$/;

function orderIds({ orders, process }: CheckContext): Found[] {
  const found: Found[] = [];
  const seen = new Set<string>();
  for (const { orderId, symbol } of orders) {
    if (!ID.test(orderId)) found.push(['refuse', `The id ${JSON.stringify(orderId)} of ${symbol} is not one of this program.`]);
    if (seen.has(orderId)) found.push(['refuse', `The id ${orderId} is used twice.`]);
    seen.add(orderId);
    if (process?.basket !== undefined && !orderId.startsWith(process.basket))
      found.push(['refuse', `The id ${orderId} is not of set ${process.basket}.`]);
  }
  if (process?.basket !== undefined && process.otherBaskets?.includes(process.basket))
    found.push(['refuse', `The ids of set ${process.basket} belong to another set already.`]);
  return found;
}

/** First characters with which a spreadsheet starts a formula, in either width; blanks and controls before them do not help. */
const FORMULA = /^[\s\0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20|]/;

function formulas({ runId, orders, output }: CheckContext): Found[] | string {
  try {
    return toRecords(runId, orders, output?.profile).flatMap((record) =>
      Object.entries(record)
        .filter(([, text]) => FORMULA.test(text))
        .map(([field, text]): Found => [
          'refuse',
          `${field} of ${record.symbol} is ${JSON.stringify(text)}, which a spreadsheet would run.`,
        ]),
    );
  } catch (error) {
    const { message, details } = toErrorData(error);
    const { value } = (details ?? {}) as { value?: string };
    return value !== undefined && FORMULA.test(value) ? [['refuse', message]] : NO_FILE;
  }
}

function readBack({ runId, orders, output }: CheckContext): Found[] | string {
  if (output === undefined) return 'the format of the file';
  let text;
  try {
    text = writeOrders(output.format, runId, orders, output.profile);
  } catch {
    // Said by the checks of the fields and of the terms.
    return 'a file, for the orders cannot be written in this format (see fields and order terms)';
  }
  try {
    const difference = compareOrders(output.format, runId, orders, readOrders(output.format, text, output.profile), output.profile);
    return difference === null ? [] : [['refuse', `The file reads back differently: ${difference}.`]];
  } catch (error) {
    return [['refuse', toErrorData(error).message]];
  }
}

function approved({ process }: CheckContext): string {
  const by = process?.approvedBy ?? [];
  return by.length > 0
    ? `Approved by ${list(by)}.`
    : `One person is enough here: ${process?.preparedBy ?? 'the user'} answers for the set alone.`;
}

function fourEyes({ process }: CheckContext): Found[] {
  if (process?.secondApprover !== true || (process.approvedBy?.length ?? 0) > 0) return [];
  // Before a set is frozen nobody can approve it; the export itself waits.
  return [[process.approvedBy === undefined ? 'inform' : 'block', 'A second person must approve the frozen set before it is exported.']];
}

function journal({ process }: CheckContext): Found[] | string {
  if (process?.journal === undefined) return 'the journal; it is walked when the set is frozen or exported';
  const message = journalBroken(process.journal);
  return message === null ? [] : [['refuse', message]];
}

/** What is wrong with a journal or with what it vouches for, and the way out; null where all is whole. */
export function journalFault({
  brokenAt,
  altered = [],
  backup,
}: JournalState): { readonly message: string; readonly action: string } | null {
  if (brokenAt === null && altered.length === 0) return null;
  const restore = backup
    ? `Put back the backup ${backup} (Settings, Backups, or the command restore with that file of the backups folder), the newest that is whole; what was imported, decided and sent since is not in it.`
    : "None of the workspace's backups is whole: restore one kept elsewhere, or import the source files into a new workspace.";
  if (brokenAt !== null)
    return { message: `Entry ${brokenAt} of the journal does not follow the one before: it was altered, lost or put in.`, action: restore };
  const parts = altered.map(({ batchId, file, part }) => `${ALTERED[part]} batch ${batchId} (${file})`);
  return {
    message: `Not as it was stored: ${list(parts)}. The workspace's file was altered, or its disk is failing.`,
    // An undone batch is read by nothing new; a name stays.
    action: altered.some(({ part }) => part !== 'rows') ? restore : `Undo what is altered and import its file again. Or: ${restore}`,
  };
}

export function journalBroken(state: JournalState): string | null {
  const fault = journalFault(state);
  return fault && `${fault.message} ${fault.action}`;
}

const ALTERED = { rows: 'the rows of', names: 'names of securities of', undo: 'the undo of' } as const;

const WORDS = { SELL: 'sells', SELL_SHORT: 'SELLS SHORT', BUY_TO_COVER: 'covers', BUY: 'buys' } as const;

/** What will happen, in words: per account and side. */
function dryRun({ orders }: CheckContext): Found[] {
  const groups = new Map<string, { account: string; side: keyof typeof WORDS; parts: string[]; notional: number }>();
  for (const { account, side, quantity, symbol, notional } of orders) {
    const group = groups.get(`${account}\n${side}`) ?? { account, side, parts: [], notional: 0 };
    group.parts.push(`${count(quantity)} ${symbol}`);
    group.notional += notional;
    groups.set(`${account}\n${side}`, group);
  }
  return [...groups.values()].map(({ account, side, parts, notional }): Found => [
    'inform',
    `${account === '' ? 'The account' : account} ${WORDS[side]} ${list(parts)}: ${money(notional)}.`,
  ]);
}
