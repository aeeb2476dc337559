/** Securities by what people and files call them. */
import type { HoldingsLine, Workspace } from '../../../db/index.ts';
import type { SecurityHit } from '../../contract/results.ts';
import { numbersIn } from '../../importers/brokers/names.ts';
import { canonicalTicker, isCusip, isIsin } from '../../importers/symbols.ts';
import type { IdentityIndex, Name } from './identity.ts';
import { readMaster } from './master.ts';
import { securityNames } from './names.ts';

/** Securities whose ticker or name begins with or contains the text, best matches first. */
export function search(
  ws: Workspace,
  { revision, knownAsOf, text, limit }: { revision: number; knownAsOf: number; text: string; limit: number },
): SecurityHit[] {
  const master = readMaster(ws, revision, knownAsOf);
  const lastDay = master.axis.days[master.axis.nRows - 1]!;
  const etfs = new Set([...master.etfSecurity.values()]);
  const names = securityNames(ws, revision);
  const wanted = text.trim().toUpperCase();
  const hits: (SecurityHit & { rank: number })[] = [];
  for (const securityId of master.identities.securities()) {
    const ticker = master.identities.tickerOn(securityId, lastDay);
    const name = names.get(securityId) ?? null;
    const rank =
      ticker === wanted ? 0 : ticker.startsWith(wanted) ? 1 : name?.toUpperCase().includes(wanted) ? 2 : ticker.includes(wanted) ? 3 : -1;
    if (rank >= 0) hits.push({ securityId, ticker, name, isEtf: etfs.has(securityId), rank });
  }
  // A ticker typed in full comes first whatever it is; then stocks, because ETFs of the map have no rows of their own.
  const order = (hit: { rank: number; isEtf: boolean }): number => (hit.rank === 0 ? 0 : hit.rank + (hit.isEtf ? 10 : 0));
  hits.sort((a, b) => order(a) - order(b) || (a.ticker < b.ticker ? -1 : 1));
  return hits.slice(0, limit).map(({ rank: _, ...hit }) => hit);
}

/** Security that a ticker means on a day, as known then (default: the last row); null when unknown. Class separators are alike. */
export function resolveTicker(ws: Workspace, { revision, knownAsOf, ticker, day }: TickerRequest): number | null {
  const { axis, history, identities } = readMaster(ws, revision, knownAsOf);
  const name = { type: 'ticker', code: canonicalTicker(ticker), exchange: '' };
  if (day !== null) return history.at(day).resolve(name, day);
  const found = identities.resolve(name, axis.days[axis.nRows - 1]!);
  if (found !== null) return found;
  // A name that is gone today: the last security that carried it.
  const earlier = identities.stretches(name).findLast((one) => one.owners.length === 1 && one.from <= axis.days[axis.nRows - 1]!);
  return earlier?.owners[0] ?? null;
}

interface TickerRequest {
  readonly revision: number;
  readonly knownAsOf: number;
  readonly ticker: string;
  readonly day: number | null;
}

/** Security of a holdings line: by the name it came under, else by the identifiers beside it, or by the number that stands for its ticker. */
export function holderOf(view: IdentityIndex, line: HoldingsLine, day: number): number | null {
  const found = view.resolve(line.symbolId!, day);
  if (found !== null) return found;
  return [line.isin, line.cusip, line.ticker].reduce<number | null>((by, text) => by ?? numbered(view, text, day), null);
}

/** Security that a number, in any of its spellings, means on a day; null when none. */
function numbered(view: IdentityIndex, text: string | null, day: number): number | null {
  for (const code of text === null ? [] : numbersIn(text)) {
    const type = isIsin(code) ? 'isin' : isCusip(code) ? 'cusip' : null;
    const by = type && view.resolve({ type, code, exchange: '' }, day);
    if (by !== null) return by;
  }
  return null;
}

/** Why the names beside each other on a holding cannot all be one security's on a day; null when nothing known says so. */
export function namesDiffer(
  view: IdentityIndex,
  {
    symbol,
    isin,
    cusip,
  }: { readonly symbol: Name & { readonly raw: string }; readonly isin: string | null; readonly cusip: string | null },
  day: number,
): string | null {
  if (isin && cusip && /^(US|CA)/.test(isin) && isin.slice(2, 11) !== cusip) return `The ISIN ${isin} and the CUSIP ${cusip} differ.`;
  const own = view.resolve(symbol, day);
  if (own === null) return null;
  const [type, number] = [['ISIN', isin] as const, ['CUSIP', cusip] as const].find(([, text]) => {
    const by = numbered(view, text, day);
    return by !== null && by !== own;
  }) ?? ['', null];
  return number && `The ${type} ${number} is that of ${view.tickerOn(numbered(view, number, day)!, day)}, not of ${symbol.raw}.`;
}
