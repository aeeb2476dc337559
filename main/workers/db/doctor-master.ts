/** What is wrong with the master data and the holdings themselves: two owners, overlapping validities, currencies mixed. */
import {
  allSymbols,
  listSnapshots,
  readClassifications,
  readHoldings,
  readIdentities,
  readShares,
  type NewFinding,
  type Workspace,
} from '../../../db/index.ts';
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { ALWAYS, FOREVER } from './identity.ts';
import { provisionalIds } from './identity-views.ts';
import type { Master } from './master.ts';
import type { PricedBook } from './look-ups.ts';
import { listed } from './words.ts';

/** A finding before it has a key. */
export type Noticed = Pick<NewFinding, 'severity' | 'code' | 'subject' | 'message'> & {
  readonly day: number | null;
  readonly days?: readonly number[];
  readonly advice: string;
  readonly securityId?: number | null;
};

const iso = (day: number): string => formatIsoDay(day as EpochDay);
const span = (from: number, to: number): string =>
  `${from <= ALWAYS ? 'the beginning' : iso(from)} to ${to >= FOREVER ? 'the end' : iso(to - 1)}`;

/** Days of the axis on which two securities claim one name. */
export function twoOwners(ws: Workspace, master: Master, revision: number): Noticed[] {
  const { identities, axis } = master;
  const found: Noticed[] = [];
  const [first, last] = [axis.days[0]!, axis.days[axis.nRows - 1]! + 1];
  const symbols = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol]));
  const rows = readIdentities(ws, { revision });
  const names = new Set(rows.filter((row) => !row.provisional).map((row) => row.symbolId as number));
  for (const symbolId of names) {
    const symbol = symbols.get(symbolId)!;
    for (const { from, to } of identities.disputed(symbol, first, last)) {
      const claimants = new Set(
        rows
          .filter(
            (row) => row.symbolId === symbolId && !row.provisional && (row.validFrom ?? ALWAYS) < to && (row.validTo ?? FOREVER) > from,
          )
          .map((row) => `${row.name ?? identities.tickerOn(row.securityId, from)} (security ${row.securityId})`),
      );
      found.push({
        severity: 'error',
        code: 'two_owners',
        subject: symbol.code,
        day: from,
        message: `two securities own it from ${span(from, to)}: ${[...claimants].join(' and ') || 'of different exchanges'}; its values belong to neither.`,
        advice: 'Correct the validities in the securities file, or name the exchange in the price file.',
      });
    }
  }
  return found;
}

/** Tickers that no securities row names: told once, however many they are. */
export function provisionalNames(ws: Workspace, master: Master, revision: number, priced: ReadonlySet<number>): Noticed[] {
  const lastDay = master.axis.days[master.axis.nRows - 1]!;
  const names = [...provisionalIds(ws, revision)]
    .filter((id) => priced.has(id))
    .map((id) => master.identities.tickerOn(id, lastDay))
    .sort();
  if (names.length === 0) return [];
  return [
    {
      severity: 'info',
      code: 'unknown_ticker',
      subject: 'many',
      day: null,
      message: `${names.length} ticker${names.length > 1 ? 's' : ''} with prices but without a securities row: ${listed(names)}. Each is a security of its own.`,
      advice: 'Import a securities file if identity over time matters (renames, reused tickers).',
    },
  ];
}

interface Dated {
  readonly symbolId: number;
  readonly validFrom: number | null;
  readonly validTo: number | null;
  readonly batchId: number;
  readonly line: number;
}

/** Two rows of one kind of one security that say both to hold on the same days, the earlier one with an end of its own. */
export function overlappingValidities(ws: Workspace, master: Master, revision: number): Noticed[] {
  const kinds: readonly (readonly [string, readonly Dated[], (row: Dated) => string])[] = [
    ['classification', readClassifications(ws, { revision }), (row) => (row as { scheme?: string }).scheme ?? ''],
    ['shares', readShares(ws, { revision }), () => ''],
  ];
  const lastDay = master.axis.days[master.axis.nRows - 1]!;
  const found: Noticed[] = [];
  for (const [kind, rows, part] of kinds) {
    const groups = new Map<string, Dated[]>();
    for (const row of rows) {
      const security = master.identities.resolve(row.symbolId, row.validFrom ?? lastDay);
      if (security === null) continue;
      const key = `${security}/${part(row)}`;
      const list = groups.get(key);
      if (list) list.push(row);
      else groups.set(key, [row]);
    }
    for (const [key, list] of groups) {
      // Versions of one period replace each other; only different periods can overlap.
      const periods = new Map(list.map((row) => [row.validFrom, row]));
      const sorted = [...periods.values()].sort((a, b) => (a.validFrom ?? ALWAYS) - (b.validFrom ?? ALWAYS));
      for (let i = 1; i < sorted.length; i++) {
        const [before, now] = [sorted[i - 1]!, sorted[i]!];
        if (before.validTo === null || before.validTo <= (now.validFrom ?? ALWAYS)) continue;
        const security = Number(key.split('/')[0]);
        const from = now.validFrom ?? ALWAYS;
        found.push({
          severity: 'warning',
          code: 'overlapping_validity',
          subject: master.identities.tickerOn(security, from),
          day: from <= ALWAYS ? null : from,
          securityId: security,
          message: `${kind} rows overlap: line ${before.line} of batch ${before.batchId} holds to ${iso(before.validTo - 1)}, line ${now.line} of batch ${now.batchId} from ${from <= ALWAYS ? 'the beginning' : iso(from)}; the later one is used.`,
          advice: 'End the earlier row where the later one begins, and import the file again.',
        });
      }
    }
  }
  return found;
}

/** Relative difference of the price in a holdings file and the close of its day that is told. */
const PRICE_OFF = 0.25;

/** One security held in two currencies, and prices of the file that are not those of the store. */
export function currencyMixes(ws: Workspace, master: Master, book: PricedBook | null): Noticed[] {
  const found: Noticed[] = [];
  const snapshot = book && listSnapshots(ws).find((row) => row.snapshotId === book.snapshotId);
  if (!book || !snapshot) return found;
  const currencies = new Map<number, Set<string>>();
  for (const line of readHoldings(ws, snapshot.snapshotId)) {
    if (line.disposition !== 'position' || line.symbolId === null || !line.currency) continue;
    const security = master.identities.resolve(line.symbolId, snapshot.asOf);
    if (security !== null) currencies.set(security, (currencies.get(security) ?? new Set()).add(line.currency));
  }
  for (const [security, set] of currencies) {
    const foreign = [...set].filter((currency) => currency !== 'USD');
    if (foreign.length === 0) continue;
    found.push({
      severity: 'warning',
      code: 'currency_mix',
      subject: master.identities.tickerOn(security, snapshot.asOf),
      day: snapshot.asOf,
      securityId: security,
      message:
        set.size > 1
          ? `the snapshot holds it in ${[...set].sort().join(' and ')}; closes are read as US dollars.`
          : `the snapshot holds it in ${foreign[0]}, closes are read as US dollars.`,
      advice: 'Check the currency of the prices; positions in another currency are not modelled without an FX series.',
    });
  }
  for (const position of book.positions) {
    const { securityId, filePrice, price, priceSource, priceDay, splitFactor } = position;
    if (securityId === null || filePrice === null || price === null || priceSource !== 'close' || !(filePrice > 0 && price > 0)) continue;
    // Only prices of about the same day can be compared.
    if (priceDay === null || Math.abs(priceDay - snapshot.asOf) > 5) continue;
    const ratio = (price * splitFactor) / filePrice;
    if (Math.abs(ratio - 1) <= PRICE_OFF) continue;
    found.push({
      severity: 'warning',
      code: 'price_differs',
      subject: position.ticker,
      day: snapshot.asOf,
      securityId,
      message: `the holdings file prices it at ${filePrice}, the close of ${iso(priceDay)} is ${price}: ${ratio > 50 || ratio < 0.02 ? 'another unit or currency' : 'another security, currency or a split between'}.`,
      advice: 'Check which security and currency the holdings file means.',
    });
  }
  return found;
}
