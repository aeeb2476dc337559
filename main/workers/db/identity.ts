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
  /** Whether a master row (not a provisional one) claims the name on a day. */
  claimed(name: Name, day: number): boolean;
  pieces(securityId: number): readonly Piece[];
  /** Ticker of a security on a day: its master ticker, else the ticker it was provisionally made from. */
  tickerOn(securityId: number, day: number): string;
  /** Days on which the ticker of a security changes, ascending. */
  renames(securityId: number): readonly number[];
  securities(): readonly number[];
}

const family = (symbol: Name): string => `${symbol.type}:${symbol.code}`;
const matches = (claim: Claim, symbol: Name): boolean =>
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

/** Days of [ALWAYS, FOREVER) outside the given spans. */
function complement(spans: readonly { from: number; to: number }[]): { from: number; to: number }[] {
  const sorted = [...spans].sort((a, b) => a.from - b.from);
  const out: { from: number; to: number }[] = [];
  let at = ALWAYS;
  for (const span of sorted) {
    if (span.from > at) out.push({ from: at, to: span.from });
    at = Math.max(at, span.to);
  }
  if (at < FOREVER) out.push({ from: at, to: FOREVER });
  return out;
}

/** Builds the index from all identity rows visible at a revision. */
export function indexIdentities(rows: readonly IdentityRow[], symbolRows: readonly SymbolRow[], knowledgeDay: number): IdentityIndex {
  const symbols = new Map(symbolRows.map((row) => [row.symbolId, row]));
  const claims = new Map<string, Claim[]>();
  const provisional = new Map<string, number>();
  const owned = new Map<number, { row: IdentityRow & { from: number; to: number }; symbol: SymbolRow }[]>();
  for (const row of effective(rows, symbols, knowledgeDay)) {
    const symbol = symbols.get(row.symbolId);
    if (!symbol) continue;
    if (row.provisional) provisional.set(`${family(symbol)}@${symbol.exchange}`, row.securityId);
    else {
      const claim: Claim = { securityId: row.securityId, exchange: symbol.exchange, from: row.from, to: row.to };
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

  const claimsOn = (symbol: Name, day: number): Claim[] =>
    (claims.get(family(symbol)) ?? []).filter((claim) => claim.from <= day && day < claim.to && matches(claim, symbol));

  const tickers = (securityId: number): { from: number; to: number; code: string; provisional: boolean }[] =>
    (owned.get(securityId) ?? [])
      .filter((own) => own.symbol.type === 'ticker')
      .map((own) => ({ from: own.row.from, to: own.row.to, code: own.symbol.code, provisional: own.row.provisional }))
      .sort((a, b) => Number(a.provisional) - Number(b.provisional) || a.from - b.from);

  return {
    resolve(given, day) {
      const symbol = typeof given === 'number' ? symbols.get(given) : given;
      if (!symbol) return null;
      const found = new Set(claimsOn(symbol, day).map((claim) => claim.securityId));
      if (found.size === 1) return [...found][0]!;
      return found.size > 1 ? null : (provisional.get(`${family(symbol)}@${symbol.exchange}`) ?? null);
    },
    claimed: (name, day) => claimsOn(name, day).length > 0,
    pieces(securityId) {
      const out: Piece[] = [];
      const seen = new Set<string>();
      for (const { row, symbol } of owned.get(securityId) ?? []) {
        if (row.provisional) {
          const taken = (claims.get(family(symbol)) ?? []).filter((claim) => matches(claim, symbol));
          for (const span of complement(taken)) out.push({ symbolId: row.symbolId, fromDay: span.from, toDay: span.to });
          continue;
        }
        const claim: Claim = { securityId, exchange: symbol.exchange, from: row.from, to: row.to };
        for (const other of familySymbols.get(family(symbol)) ?? []) {
          const key = `${other.symbolId}/${row.from}/${row.to}`;
          if (!matches(claim, other) || seen.has(key)) continue;
          seen.add(key);
          out.push({ symbolId: other.symbolId, fromDay: row.from, toDay: row.to });
        }
      }
      return out;
    },
    tickerOn(securityId, day) {
      const list = tickers(securityId);
      const now = list.find((span) => !span.provisional && span.from <= day && day < span.to) ?? list.find((span) => span.provisional);
      const named = list.filter((span) => !span.provisional);
      // Before its first or after its last master row a security keeps its nearest ticker.
      const nearest = named.filter((span) => span.from <= day).at(-1) ?? named[0];
      return (now ?? nearest)?.code ?? `#${securityId}`;
    },
    renames(securityId) {
      const days = new Set<number>();
      for (const span of tickers(securityId)) if (!span.provisional && span.from > ALWAYS) days.add(span.from);
      return [...days].sort((a, b) => a - b);
    },
    securities: () => [...owned.keys()].sort((a, b) => a - b),
  };
}
