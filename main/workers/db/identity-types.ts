/** Words of the identity layer: rows of the master, decisions by hand, names, and who claims them when. */

/** Day bounds that stand for "always" and "for ever". */
export const ALWAYS = -1_000_000;
export const FOREVER = 10_000_000;

export interface SymbolRow {
  readonly symbolId: number;
  readonly type: string;
  readonly code: string;
  readonly exchange: string;
}

export interface IdentityRow {
  readonly securityId: number;
  readonly symbolId: number;
  readonly validFrom: number | null;
  readonly validTo: number | null;
  readonly known: number;
  /** Revision of its batch. */
  readonly order: number;
  readonly provisional: boolean;
  /** Identifiers on the row: names of the security too, as dated and as known as the row. */
  readonly figi?: string | null;
  readonly isin?: string | null;
  readonly cusip?: string | null;
  readonly sedol?: string | null;
}

interface Decided {
  readonly securityId: number;
  readonly known: number;
  readonly order: number;
}

/** A decision made by hand. `merge`: the other security is this one. `assign`: a name is the security's on days [from, to), whatever else says. */
export type Decision =
  | (Decided & { readonly kind: 'merge'; readonly otherId: number })
  | (Decided & { readonly kind: 'assign'; readonly symbolId: number; readonly from: number; readonly to: number });

/** Days [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Days on which the same securities claim a name: none, the owner, or several (then it means neither). */
export interface Stretch extends Span {
  readonly owners: readonly number[];
}

/** Days [fromDay, toDay) on which a symbol is the security. */
export interface Piece {
  readonly symbolId: number;
  readonly fromDay: number;
  readonly toDay: number;
}

/** A name as files spell it, stored or not. */
export type Name = Omit<SymbolRow, 'symbolId'>;

export interface HistoryOptions {
  /** K: nothing known later is used. */
  readonly knownAsOf: number;
  /** `corrected`: the last version known by K holds from the day the first one was known, decisions by hand always. */
  readonly knowledge?: 'strict' | 'corrected';
}

export const family = (symbol: Name): string => `${symbol.type}:${symbol.code}`;
/** A name without an exchange is one on every exchange. */
export const matches = (claim: { readonly exchange: string }, symbol: { readonly exchange: string }): boolean =>
  claim.exchange === '' || symbol.exchange === '' || claim.exchange === symbol.exchange;
