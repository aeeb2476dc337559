/** A holdings file as a snapshot to store: every line with what became of it. */
import {
  findSymbols,
  listSnapshots,
  namesOfNumbers,
  readHoldings,
  scaleE8,
  type NewHoldingsLine,
  type SnapshotRecord,
  type Workspace,
} from '../../../db/index.ts';
import type { Issue } from '../../contract/report.ts';
import { formatIsoDay, type EpochDay, type SymbolId } from '../../contract/units.ts';
import { numbersIn } from '../../importers/brokers/names.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { HoldingLine, HoldingsOfDay, StagedHoldings } from '../../importers/staged.ts';
import { isCusip } from '../../importers/symbols.ts';
import type { IdentityIndex } from './identity.ts';
import { readHistory } from './master.ts';
import { namesDiffer } from './name-look-ups.ts';
import type { MasterStage } from './stage-master.ts';
import { listed } from './words.ts';

const STORED: Readonly<Record<HoldingLine['disposition'], NewHoldingsLine['disposition'] | null>> = {
  position: 'position',
  cash: 'cash',
  total: 'total',
  note: 'note',
  header: null,
  blank: null,
  ignored: 'note',
  error: 'error',
};

/** What no list of securities would answer to: it is listed with its value, never modelled. */
const NO_SECURITY = new Set(['option', 'bond', 'future', 'crypto', 'money_fund', 'cash']);

/** Whether a security is looked for behind a line; one of a kind nobody noted may be a share. */
export const mayBeSecurity = ({ kind }: Pick<NewHoldingsLine, 'kind'>): boolean => kind === null || !NO_SECURITY.has(kind);

type Line = Omit<NewHoldingsLine, 'symbolId'>;

const same = (line: Line): string =>
  JSON.stringify([
    line.disposition,
    line.account,
    line.ticker,
    line.quantity,
    line.price,
    line.marketValue,
    line.currency,
    line.name,
    line.cusip,
    line.isin,
  ]);

function lineOf(line: HoldingLine): Line | null {
  const disposition = STORED[line.disposition];
  if (disposition === null) return null;
  const p = line.position;
  return {
    line: line.line,
    disposition,
    account: p?.account ?? '',
    ticker: p?.symbol?.raw ?? '',
    quantity: p?.quantity?.text ?? null,
    price: p?.price?.text ?? null,
    marketValue: p?.marketValue?.text ?? null,
    currency: p?.currency || null,
    name: p?.name || null,
    cusip: p?.cusip || null,
    isin: p?.isin || null,
    raw: line.reason,
    kind: p ? (line.detail ?? null) : null,
  };
}

/** What is held of a ticker, in units of 1e-8: a quantity, or a value where that alone is told. */
interface Amount {
  readonly e8: bigint;
  readonly isValue: boolean;
}

/** Per account and ticker: lots are added up. */
function quantities(lines: readonly Line[]): Map<string, Amount> {
  const out = new Map<string, Amount>();
  for (const { disposition, account, ticker, quantity, marketValue } of lines) {
    if (disposition !== 'position') continue;
    const key = `${account}\n${ticker.toUpperCase()}`;
    out.set(key, { e8: (out.get(key)?.e8 ?? 0n) + (scaleE8(quantity ?? marketValue ?? '0') ?? 0n), isValue: quantity === null });
  }
  return out;
}

/** Whether a snapshot is of an account; one without a name is that of its source. */
const isOf = (snapshot: SnapshotRecord, source: string, account: string): boolean =>
  snapshot.accounts.includes(account) && (account !== '' || snapshot.source === source);

/** What an account held before, and where that is said. */
interface Earlier {
  readonly asOf: number;
  readonly what: string;
  readonly positions: ReadonlyMap<string, Amount>;
}

const size = ({ e8 }: Amount): bigint => (e8 < 0n ? -e8 : e8);

/** Whether two quantities, or two values, are some tens apart, as a slip of the decimal point makes them. */
const isSlip = (before: Amount, now: Amount): boolean => {
  const [less, more] = [size(before), size(now)].sort((a, b) => (a < b ? -1 : 1));
  return before.isValue === now.isValue && less! > 0n && more! >= 9n * less!;
};

const written = ({ e8, isValue }: Amount): string => `${isValue ? '$' : ''}${Number(e8) / 1e8}`;

/** What the days of a file have in common. */
interface Context {
  readonly ws: Workspace;
  readonly revision: number;
  readonly source: string;
  readonly issues: IssueCollector;
  readonly snapshots: readonly SnapshotRecord[];
  /** Of a file with several days, by account: what the last of them so far said of it. */
  readonly earlier: Map<string, Earlier> | null;
  /** Unknown tickers told so far. */
  readonly unknown: Set<string>;
  /** Null where no line has an identifier beside its ticker. */
  readonly view: IdentityIndex | null;
}

/**
 * What changed since the last snapshot of the same accounts; a book that shrank or grew many times over is a warning. Of a file with several
 * days those are told alone.
 */
function tellChanges(
  { ws, source, snapshots, earlier, issues }: Context,
  asOf: number,
  accounts: ReadonlySet<string>,
  now: ReadonlyMap<string, Amount>,
): void {
  for (const account of accounts) {
    const own = (all: ReadonlyMap<string, Amount>): Map<string, Amount> =>
      new Map([...all].filter(([key]) => key.startsWith(`${account}\n`)));
    const is = own(now);
    const stored = snapshots.findLast((one) => one.asOf <= asOf && isOf(one, source, account));
    let before = earlier?.get(account);
    if (stored && stored.asOf > (before?.asOf ?? -Infinity))
      before = {
        asOf: stored.asOf,
        what: `snapshot ${stored.snapshotId} of ${formatIsoDay(stored.asOf)}`,
        positions: own(quantities(readHoldings(ws, stored.snapshotId))),
      };
    earlier?.set(account, { asOf, what: `${formatIsoDay(asOf as EpochDay)} in the file`, positions: is });
    if (!before) {
      tellNewAccount(snapshots, account, issues);
      continue;
    }
    const then = before.positions;
    const odd = then.size > 0 && (is.size < then.size / 2 || is.size > then.size * 5);
    if (earlier && !odd) continue;
    const added = [...is.keys()].filter((key) => !then.has(key)).length;
    const gone = [...then.keys()].filter((key) => !is.has(key)).length;
    const changed = [...is].filter(([key, amount]) => then.has(key) && then.get(key)!.e8 !== amount.e8).length;
    const slips = [...is].flatMap(([key, amount]) => {
      const was = then.get(key);
      return was && isSlip(was, amount) ? [`${written(amount)} ${key.split('\n')[1]!} after ${written(was)}`] : [];
    });
    const name = `${account === '' ? 'the account' : `account ${account}`}${earlier ? ` of ${formatIsoDay(asOf as EpochDay)}` : ''}`;
    const what = `Against ${before.what}, ${name} has ${added} ${added === 1 ? 'position' : 'positions'} more, ${gone} gone, ${changed} with another quantity`;
    issues.add(odd ? 'warning' : 'info', odd ? 'snapshot_size' : 'snapshot_changes', 0, 0, () => ({
      reason: odd ? `${what}: ${is.size} ${is.size === 1 ? 'position' : 'positions'} after ${then.size}.` : `${what}.`,
      fix: odd
        ? 'Check that the file is complete before it takes the place of the last one.'
        : 'Nothing to do: it takes the place of the earlier one.',
    }));
    if (slips.length > 0)
      issues.add('warning', 'quantity_slip', 0, 0, () => ({
        reason: `Against ${before.what}, ${name} has ${listed(slips)}.`,
        fix: 'Check the decimal point and the thousands; a split or a trade may be the reason, too.',
      }));
  }
}

interface DayStage extends Pick<MasterStage, 'rejected' | 'write'> {
  readonly asOf: EpochDay;
  /** Of positions and cash. */
  readonly accounts: ReadonlySet<string>;
  /** Of its positions. */
  readonly tickers: readonly string[];
  /** As it is stored already. */
  readonly unchanged: boolean;
}

/** The snapshots of a holdings file: one, or one of each of its days; those that are stored already are not written again. */
export function stageHoldings(
  ws: Workspace,
  revision: number,
  staged: StagedHoldings,
  source: string,
  issues: IssueCollector,
): MasterStage {
  const { days } = staged;
  const snapshots = listSnapshots(ws, revision);
  const context = {
    ws,
    revision,
    source,
    issues,
    snapshots,
    earlier: days ? new Map<string, Earlier>() : null,
    unknown: new Set<string>(),
    view: staged.lines.some(({ position }) => position?.isin || position?.cusip) ? readHistory(ws, revision, Infinity).at(Infinity) : null,
  };
  const stages = (days ?? [staged]).flatMap((day) => stageDay(context, day) ?? []);
  if (days) tellAbsences(stages, issues);
  if (stages.some(({ accounts }) => accounts.has(''))) tellOtherSources(context);
  const positions = (some: readonly DayStage[]): number => some.reduce((count, { tickers }) => count + tickers.length, 0);
  return {
    counts: {
      new: positions(stages.filter(({ unchanged }) => !unchanged)),
      unchanged: positions(stages.filter(({ unchanged }) => unchanged)),
      restated: 0,
    },
    rejected: stages.reduce((count, { rejected }) => count + rejected, 0),
    securities: days ? new Set(stages.flatMap(({ tickers }) => tickers)).size : positions(stages),
    firstDay: days?.[0]?.asOf ?? staged.asOf,
    lastDay: staged.asOf,
    // Cash is no position, and what an account was emptied to.
    writes: stages.some(({ unchanged, accounts }) => !unchanged && accounts.size > 0),
    write(writer) {
      for (const { unchanged, write } of stages) if (!days || !unchanged) write(writer);
    },
  };
}

/** An account that no holdings had before joins the book, and its hedge, beside the others. */
function tellNewAccount(snapshots: readonly SnapshotRecord[], account: string, issues: IssueCollector): void {
  if (account === '' || snapshots.length === 0 || snapshots.some(({ accounts }) => accounts.includes(account))) return;
  issues.add('info', 'new_account', 0, 0, () => ({
    subject: account,
    reason: `Account ${account} is new here: its holdings join the book beside those of ${listed([...new Set(snapshots.flatMap(({ accounts }) => accounts))].map((one) => one || 'the account without a name'))}.`,
    fix: 'Nothing to do, if it is an account of its own; the desk rules can leave it out of the book.',
  }));
}

/** Holdings of an account that has later ones are not what its book shows now: of the present ones the day would be wrong. */
function tellLater({ source, snapshots, issues }: Context, asOf: number, accounts: ReadonlySet<string>): void {
  const later = snapshots.filter((one) => one.asOf > asOf && [...accounts].some((account) => isOf(one, source, account)));
  const last = later.at(-1);
  if (last === undefined) return;
  const behind = [...accounts].filter((account) => later.some((one) => isOf(one, source, account)));
  issues.add('info', 'later_holdings', 0, 0, () => ({
    reason: `${listed(behind.map((one) => (one === '' ? 'The account without a name' : `Account ${one}`)))} ${behind.length === 1 ? 'has' : 'have'} later holdings here, up to ${formatIsoDay(last.asOf as EpochDay)}: these of ${formatIsoDay(asOf as EpochDay)} count before them alone.`,
    fix: 'Nothing to do, if they are of that day; of the present holdings the day is wrong.',
  }));
}

/** The first holdings of a source without account names come on top of those of others: of the same account that would be one book twice. */
function tellOtherSources({ source, snapshots, issues }: Context): void {
  const nameless = snapshots.filter(({ accounts }) => accounts.includes(''));
  if (nameless.length === 0 || nameless.some((one) => one.source === source)) return;
  const others = [...new Set(nameless.map((one) => (one.source === '' ? `${one.file} (no source)` : one.source)))];
  issues.add('warning', 'other_source', 0, 0, () => ({
    reason: `Holdings without an account from ${listed(others)} stay in the book beside these: accounts without a name are told apart by their source.`,
    fix: 'If it is the same account, import with the same source, or undo the other import.',
  }));
}

/** An account that a later day does not have keeps the holdings it had: of one that was emptied that would be wrong. */
function tellAbsences(days: readonly DayStage[], issues: IssueCollector): void {
  const first = new Map<string, number>();
  days.forEach(({ accounts }, i) => accounts.forEach((account) => first.set(account, first.get(account) ?? i)));
  for (const [account, from] of first) {
    const absent = days.slice(from + 1).filter(({ accounts }) => !accounts.has(account));
    if (absent.length === 0) continue;
    issues.add('warning', 'account_missing', 0, 0, () => ({
      subject: account,
      reason: `${account === '' ? 'The lines without an account are' : `Account ${account} is`} not in ${absent.length} of the days after ${formatIsoDay(days[from]!.asOf)}, first ${formatIsoDay(absent[0]!.asOf)}: what it held last goes on counting there.`,
      fix: 'If it was emptied, tell its cash of that day, 0 included.',
    }));
  }
}

/** What is said of a name that nothing here has. */
function unknownWords(ticker: string): Pick<Issue, 'found' | 'reason' | 'fix'> {
  const isNumber = numbersIn(ticker).some(isCusip);
  const like = /^[0-9A-Z]{8}\d$/.test(ticker) && /\d.*\d.*\d/.test(ticker);
  const [what, fix] = isNumber
    ? [
        'is a CUSIP that no security here has',
        'Import a securities file that says which ticker has it; of a bond, say so in a column asset_class.',
      ]
    : like
      ? ['looks like a CUSIP, and its check digit is wrong', 'Correct it, or write the ticker.']
      : ['has no prices and no master data here', 'Import its prices, or check the spelling.'];
  return { found: ticker, reason: `${ticker} ${what}; the position will be listed as not modelled.`, fix };
}

/** One snapshot; null for a day of several on which nothing is held, which no snapshot can say. */
function stageDay(context: Context, { asOf, lines: given }: HoldingsOfDay): DayStage | null {
  const { ws, revision, source, issues, snapshots, earlier, unknown, view } = context;
  const lines: { line: Line; from: HoldingLine }[] = [];
  let rejected = 0;
  for (const from of given) {
    const line = lineOf(from);
    if (!line) continue;
    if (line.quantity !== null && scaleE8(line.quantity) === null) {
      rejected++;
      issues.add('error', 'quantity_not_exact', from.line, 0, () => ({
        field: 'quantity',
        found: line.quantity ?? '',
        reason: 'The quantity has more than 8 decimals or is beyond 92 billion.',
        fix: 'Correct the quantity in the file.',
      }));
      continue;
    }
    const symbol = from.position?.symbol;
    const differ = symbol && view && namesDiffer(view, { ...line, symbol }, asOf);
    if (differ) {
      rejected++;
      issues.add('error', 'id_conflict', from.line, 0, () => ({
        field: 'ticker',
        found: line.ticker,
        reason: differ,
        fix: 'Correct the one that is wrong, in the file or in the securities here.',
      }));
      continue;
    }
    lines.push({ line, from });
  }
  const positions = lines.filter(({ line }) => line.disposition === 'position');
  const accounts = new Set(
    lines.flatMap(({ line }) => (line.disposition === 'position' || line.disposition === 'cash' ? [line.account] : [])),
  );
  if (earlier && accounts.size === 0) {
    issues.add('warning', 'no_positions', given[0]!.line, 0, () => ({
      reason: `On ${formatIsoDay(asOf)} nothing is held: the day before goes on counting.`,
      fix: 'Tell the cash of that day, if the account was emptied.',
    }));
    return null;
  }
  const text = lines.map(({ line }) => same(line)).join('\n');
  const before = snapshots.findLast(
    (snapshot) => snapshot.asOf === asOf && snapshot.accounts.some((account) => accounts.has(account) && isOf(snapshot, source, account)),
  );
  const unchanged = before !== undefined && readHoldings(ws, before.snapshotId).map(same).join('\n') === text;
  if (before && !unchanged) {
    const taken = before.accounts.filter((account) => accounts.has(account));
    const part =
      taken.length < before.accounts.length ? `, its ${taken.length === 1 ? 'account' : 'accounts'} ${listed(taken)} alone,` : '';
    issues.add('info', 'snapshot_superseded', 0, 0, () => ({
      reason: `Snapshot ${before.snapshotId} of the same day (${before.file})${part} is superseded by this one.`,
      fix: 'Undo the batch to have the earlier one back.',
    }));
  }
  if (!earlier && !unchanged) tellLater(context, asOf, accounts);
  if (!unchanged) tellChanges(context, asOf, accounts, quantities(lines.map(({ line }) => line)));
  const ids = findSymbols(
    ws,
    positions.map(({ from }) => from.position!.symbol!),
  );
  const strange = positions.filter(({ line }, i) => ids[i] === 0 && mayBeSecurity(line));
  const numbersOf = ({ isin, cusip, ticker }: Line): string[] => [isin ?? '', cusip ?? '', ticker].flatMap(numbersIn);
  const known = namesOfNumbers(ws, { revision, numbers: strange.flatMap(({ line }) => numbersOf(line)), snapshotIds: [] });
  const knownNumbers = new Set(known.map(({ number }) => number));
  const missing = strange.filter(({ line }) => !numbersOf(line).some((number) => knownNumbers.has(number)));
  for (const { line } of missing) {
    if (earlier && unknown.has(line.ticker)) continue;
    unknown.add(line.ticker);
    issues.add('info', 'unknown_ticker', line.line, 0, () => unknownWords(line.ticker));
  }
  return {
    asOf,
    accounts,
    rejected,
    unchanged,
    tickers: positions.map(({ line }) => line.ticker),
    write(writer) {
      const snapshotId = writer.snapshot({ asOf, source });
      const named = lines.filter(({ from }) => from.position?.symbol);
      const symbolIds = writer.symbols(named.map(({ from }) => from.position!.symbol!));
      const idOf = new Map(named.map(({ from }, i) => [from, symbolIds[i]! as SymbolId]));
      writer.holdings(
        snapshotId,
        lines.map(({ line, from }) => ({ ...line, symbolId: idOf.get(from) ?? null })),
      );
    },
  };
}
