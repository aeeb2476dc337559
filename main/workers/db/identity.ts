/**
 * Who a name is on a day: the dated view from the security master over the symbols that files use.
 * A master row for (ticker, exchange) also answers for the ticker without an exchange; days of a symbol that no
 * master row claims belong to the symbol's provisional security.
 */

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
}

interface Claim {
  readonly securityId: number;
  readonly exchange: string;
  readonly from: number;
  readonly to: number;
}

/** Days [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Days [fromDay, toDay) on which a symbol is the security. */
export interface Piece {
  readonly symbolId: number;
  readonly fromDay: number;
  readonly toDay: number;
}

/** A name as files spell it, stored or not. */
export type Name = Omit<SymbolRow, 'symbolId'>;

export interface IdentityIndex {
  /** Security behind a stored symbol or a name on a day; null when nobody or two claim it. */
  resolve(symbol: number | Name, day: number): number | null;
  /** Days of [fromDay, toDay) on which no security at all stands behind the name; days that two claim are not among them. */
  unowned(name: Name, fromDay: number, toDay: number): readonly Span[];
  /** Days of [fromDay, toDay) on which two securities or more claim the name, so that it means neither. */
  disputed(name: Name, fromDay: number, toDay: number): readonly Span[];
  /** The symbols of a security and their days; `resolve` read backwards. */
  pieces(securityId: number): readonly Piece[];
  /** Ticker of a security on a day: its master ticker (outside its rows the nearest), else the ticker it was provisionally made from. */
  tickerOn(securityId: number, day: number): string;
  /** Days on which the ticker of a security changes, ascending. */
  renames(securityId: number): readonly number[];
  securities(): readonly number[];
}

const family = (symbol: Name): string => `${symbol.type}:${symbol.code}`;
const matches = (claim: { readonly exchange: string }, symbol: Name): boolean =>
  claim.exchange === '' || symbol.exchange === '' || claim.exchange === symbol.exchange;

/** Latest version of each (security, symbol, valid_from) known by `knowledgeDay`, with open ends closed by the security's next row of the type. */
function effective(
  rows: readonly IdentityRow[],
  symbols: ReadonlyMap<number, SymbolRow>,
  knowledgeDay: number,
): (IdentityRow & { from: number; to: number })[] {
  const latest = new Map<string, IdentityRow>();
  for (const row of rows) {
    if (row.known > knowledgeDay) continue;
    const key = `${row.securityId}/${row.symbolId}/${row.validFrom}/${row.provisional}`;
    const held = latest.get(key);
    if (!held || row.known > held.known || (row.known === held.known && row.order >= held.order)) latest.set(key, row);
  }
  const bySecurity = new Map<string, IdentityRow[]>();
  for (const row of latest.values()) {
    if (row.provisional) continue;
    const type = symbols.get(row.symbolId)?.type ?? '';
    const key = `${row.securityId}/${type}`;
    const list = bySecurity.get(key);
    if (list) list.push(row);
    else bySecurity.set(key, [row]);
  }
  const out: (IdentityRow & { from: number; to: number })[] = [];
  for (const list of bySecurity.values()) {
    list.sort((a, b) => (a.validFrom ?? ALWAYS) - (b.validFrom ?? ALWAYS) || a.symbolId - b.symbolId);
    list.forEach((row, i) => {
      const from = row.validFrom ?? ALWAYS;
      const next = list.slice(i + 1).find((later) => (later.validFrom ?? ALWAYS) > from);
      out.push({ ...row, from, to: row.validTo ?? next?.validFrom ?? FOREVER });
    });
  }
  for (const row of latest.values()) if (row.provisional) out.push({ ...row, from: ALWAYS, to: FOREVER });
  return out;
}

/** Stretches of [ALWAYS, FOREVER) on which the same claims hold, with the distinct claimants of each. */
function stretches(claims: readonly Claim[]): (Span & { readonly owners: readonly number[] })[] {
  const cuts = [...new Set([ALWAYS, FOREVER, ...claims.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, i) => {
    const to = cuts[i + 1]!;
    const owners = claims.filter((claim) => claim.from <= from && to <= claim.to).map((claim) => claim.securityId);
    return { from, to, owners: [...new Set(owners)] };
  });
}

const clipped = (spans: readonly Span[], from: number, to: number): Span[] =>
  spans.map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) })).filter((span) => span.from < span.to);

/** Builds the index from all identity rows visible at a revision. */
export function indexIdentities(rows: readonly IdentityRow[], symbolRows: readonly SymbolRow[], knowledgeDay: number): IdentityIndex {
  const symbols = new Map(symbolRows.map((row) => [row.symbolId, row]));
  const claims = new Map<string, Claim[]>();
  const provisional = new Map<string, { readonly exchange: string; readonly securityId: number }[]>();
  const owned = new Map<number, { row: IdentityRow & { from: number; to: number }; symbol: SymbolRow }[]>();
  for (const row of effective(rows, symbols, knowledgeDay)) {
    const symbol = symbols.get(row.symbolId);
    if (!symbol) continue;
    const { securityId, from, to } = row;
    const { exchange } = symbol;
    if (row.provisional) provisional.set(family(symbol), [...(provisional.get(family(symbol)) ?? []), { exchange, securityId }]);
    else {
      const claim: Claim = { securityId, exchange, from, to };
      const list = claims.get(family(symbol));
      if (list) list.push(claim);
      else claims.set(family(symbol), [claim]);
    }
    const mine = owned.get(row.securityId);
    if (mine) mine.push({ row, symbol });
    else owned.set(row.securityId, [{ row, symbol }]);
  }
  const familySymbols = new Map<string, SymbolRow[]>();
  for (const symbol of symbolRows) {
    const list = familySymbols.get(family(symbol));
    if (list) list.push(symbol);
    else familySymbols.set(family(symbol), [symbol]);
  }

  const claimsOf = (symbol: Name): Claim[] => (claims.get(family(symbol)) ?? []).filter((claim) => matches(claim, symbol));

  /** Provisional security of a name: of its own exchange, else the only one whose exchange does not contradict. */
  function provisionalOf(symbol: Name): number | null {
    const list = provisional.get(family(symbol)) ?? [];
    const exact = list.findLast((one) => one.exchange === symbol.exchange);
    if (exact) return exact.securityId;
    const alike = new Set(list.filter((one) => matches(one, symbol)).map((one) => one.securityId));
    return alike.size === 1 ? [...alike][0]! : null;
  }

  const tickers = (securityId: number): { from: number; to: number; code: string; provisional: boolean }[] =>
    (owned.get(securityId) ?? [])
      .filter((own) => own.symbol.type === 'ticker')
      .map((own) => ({ from: own.row.from, to: own.row.to, code: own.symbol.code, provisional: own.row.provisional }))
      .sort((a, b) => Number(a.provisional) - Number(b.provisional) || a.from - b.from);

  return {
    resolve(given, day) {
      const symbol = typeof given === 'number' ? symbols.get(given) : given;
      if (!symbol) return null;
      const on = claimsOf(symbol).filter((claim) => claim.from <= day && day < claim.to);
      const found = new Set(on.map((claim) => claim.securityId));
      return found.size === 1 ? [...found][0]! : found.size > 1 ? null : provisionalOf(symbol);
    },
    unowned(name, fromDay, toDay) {
      if (provisionalOf(name) !== null) return [];
      const free = stretches(claimsOf(name)).filter((span) => span.owners.length === 0);
      return clipped(free, fromDay, toDay);
    },
    disputed(name, fromDay, toDay) {
      const twice = stretches(claimsOf(name)).filter((span) => span.owners.length > 1);
      return clipped(twice, fromDay, toDay);
    },
    pieces(securityId) {
      const out: Piece[] = [];
      const mine = owned.get(securityId) ?? [];
      for (const name of new Set(mine.map(({ symbol }) => family(symbol))))
        for (const symbol of familySymbols.get(name) ?? [])
          for (const { from, to, owners } of stretches(claimsOf(symbol))) {
            const owner = owners.length === 0 ? provisionalOf(symbol) : owners.length === 1 ? owners[0] : null;
            if (owner !== securityId) continue;
            const last = out.at(-1);
            if (last?.symbolId === symbol.symbolId && last.toDay === from) out[out.length - 1] = { ...last, toDay: to };
            else out.push({ symbolId: symbol.symbolId, fromDay: from, toDay: to });
          }
      return out;
    },
    tickerOn(securityId, day) {
      const list = tickers(securityId);
      const named = list.filter((span) => !span.provisional);
      // Before its first or after its last master row a security keeps its nearest ticker.
      const nearest = named.filter((span) => span.from <= day).at(-1) ?? named[0];
      return (named.find((span) => span.from <= day && day < span.to) ?? nearest ?? list[0])?.code ?? `#${securityId}`;
    },
    renames(securityId) {
      const days = new Set<number>();
      for (const span of tickers(securityId)) if (!span.provisional && span.from > ALWAYS) days.add(span.from);
      return [...days].sort((a, b) => a - b);
    },
    securities: () => [...owned.keys()].sort((a, b) => a - b),
  };
}
