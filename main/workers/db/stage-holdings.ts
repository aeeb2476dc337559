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
import { formatIsoDay, type SymbolId } from '../../contract/units.ts';
import { numbersIn } from '../../importers/brokers/names.ts';
import type { IssueCollector } from '../../importers/issues.ts';
import type { HoldingLine, StagedHoldings } from '../../importers/staged.ts';
import type { MasterStage } from './stage-master.ts';

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

const same = (line: Omit<NewHoldingsLine, 'symbolId'>): string =>
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

function lineOf(line: HoldingLine): Omit<NewHoldingsLine, 'symbolId'> | null {
  const disposition = STORED[line.disposition];
  if (disposition === null) return null;
  const p = line.position;
  return {
    line: line.line,
    disposition,
    account: p?.account ?? '',
    ticker: p?.symbol?.raw ?? '',
    quantity: p?.quantity.text ?? null,
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

/** Quantities per account and ticker, in units of 1e-8: lots are added up. */
function quantities(lines: readonly Omit<NewHoldingsLine, 'symbolId'>[]): Map<string, bigint> {
  const out = new Map<string, bigint>();
  for (const { disposition, account, ticker, quantity } of lines) {
    if (disposition !== 'position') continue;
    const key = `${account}\n${ticker.toUpperCase()}`;
    out.set(key, (out.get(key) ?? 0n) + (scaleE8(quantity ?? '0') ?? 0n));
  }
  return out;
}

/** What changed since the last snapshot of the same accounts; a book that shrank or grew many times over is a warning. */
function tellChanges(
  ws: Workspace,
  snapshots: readonly SnapshotRecord[],
  asOf: number,
  lines: readonly { readonly line: Omit<NewHoldingsLine, 'symbolId'> }[],
  issues: IssueCollector,
): void {
  const now = quantities(lines.map(({ line }) => line));
  const accounts = new Set([...now.keys()].map((key) => key.split('\n')[0]!));
  for (const account of accounts) {
    const before = snapshots.findLast((one) => one.asOf <= asOf && one.accounts.includes(account));
    if (!before) continue;
    const own = (all: Map<string, bigint>): Map<string, bigint> => new Map([...all].filter(([key]) => key.startsWith(`${account}\n`)));
    const [then, is] = [own(quantities(readHoldings(ws, before.snapshotId))), own(now)];
    const added = [...is.keys()].filter((key) => !then.has(key)).length;
    const gone = [...then.keys()].filter((key) => !is.has(key)).length;
    const changed = [...is].filter(([key, quantity]) => then.has(key) && then.get(key) !== quantity).length;
    const name = account === '' ? 'the account' : `account ${account}`;
    const what = `Against snapshot ${before.snapshotId} of ${formatIsoDay(before.asOf)}, ${name} has ${added} positions more, ${gone} gone, ${changed} with another quantity`;
    const odd = then.size > 0 && (is.size < then.size / 2 || is.size > then.size * 5);
    issues.add(odd ? 'warning' : 'info', odd ? 'snapshot_size' : 'snapshot_changes', 0, 0, () => ({
      reason: odd ? `${what}: ${is.size} positions after ${then.size}.` : `${what}.`,
      fix: odd
        ? 'Check that the file is complete before it takes the place of the last one.'
        : 'Nothing to do: it takes the place of the earlier one.',
    }));
  }
}

export function stageHoldings(
  ws: Workspace,
  revision: number,
  staged: StagedHoldings,
  source: string,
  issues: IssueCollector,
): MasterStage {
  const lines: { line: Omit<NewHoldingsLine, 'symbolId'>; from: HoldingLine }[] = [];
  let rejected = 0;
  for (const from of staged.lines) {
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
    lines.push({ line, from });
  }
  const positions = lines.filter(({ line }) => line.disposition === 'position');
  const snapshots = listSnapshots(ws, revision);
  const text = lines.map(({ line }) => same(line)).join('\n');
  const accounts = new Set(positions.map(({ line }) => line.account));
  const before = snapshots.findLast(
    (snapshot) => snapshot.asOf === staged.asOf && snapshot.accounts.some((account) => accounts.has(account)),
  );
  const unchanged = before !== undefined && readHoldings(ws, before.snapshotId).map(same).join('\n') === text;
  if (before && !unchanged)
    issues.add('info', 'snapshot_superseded', 0, 0, () => ({
      reason: `Snapshot ${before.snapshotId} of the same day (${before.file}) is superseded by this one.`,
      fix: 'Undo the batch to have the earlier one back.',
    }));
  if (!unchanged) tellChanges(ws, snapshots, staged.asOf, lines, issues);
  const ids = findSymbols(
    ws,
    positions.map(({ from }) => from.position!.symbol!),
  );
  const strange = positions.filter(({ line }, i) => ids[i] === 0 && mayBeSecurity(line));
  const numbersOf = ({ isin, cusip, ticker }: (typeof strange)[number]['line']): string[] =>
    [isin ?? '', cusip ?? '', ticker].flatMap(numbersIn);
  const known = namesOfNumbers(ws, { revision, numbers: strange.flatMap(({ line }) => numbersOf(line)), snapshotIds: [] });
  const knownNumbers = new Set(known.map(({ number }) => number));
  const missing = strange.filter(({ line }) => !numbersOf(line).some((number) => knownNumbers.has(number)));
  for (const { line } of missing)
    issues.add('info', 'unknown_ticker', line.line, 0, () => ({
      found: line.ticker,
      reason: `${line.ticker} has no prices and no master data here; the position will be listed as not modelled.`,
      fix: 'Import its prices, or check the spelling.',
    }));
  return {
    counts: { new: unchanged ? 0 : positions.length, unchanged: unchanged ? positions.length : 0, restated: 0 },
    rejected,
    securities: positions.length,
    firstDay: staged.asOf,
    lastDay: staged.asOf,
    write(writer) {
      const snapshotId = writer.snapshot({ asOf: staged.asOf, source });
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
