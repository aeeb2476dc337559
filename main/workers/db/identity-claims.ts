/** What is claimed about names, as known on any day: master rows in their versions, provisional names, and decisions made by hand. */
import {
  ALWAYS,
  family,
  FOREVER,
  matches,
  type Decision,
  type HistoryOptions,
  type IdentityRow,
  type Name,
  type Span,
  type SymbolRow,
} from './identity-types.ts';

/** Days [from, to) on which a security claims a name. */
export interface Claim extends Span {
  readonly securityId: number;
}

export interface ClaimBook {
  /** Claims of master rows on a name, as known on a day, each by the security that its own has been merged into. */
  claims(name: Name, k: number): Claim[];
  /** Provisional security of a name: of its own exchange, else the only one whose exchange does not contradict. */
  provisional(name: Name, k: number): number | null;
  /** Decisions about a name, the one that counts most last. */
  assigned(name: Name, k: number): (Span & { readonly owner: number })[];
  /** Days on which anything about a family of names may have become another, ascending; nothing before the first of them is later than always. */
  versions(family: string): readonly number[];
  /** Last of `versions` known by a day. */
  versionAt(family: string, k: number): number;
  root(securityId: number, k: number): number;
  /** Families of names that may ever be the security's. */
  familiesOf(securityId: number): readonly string[];
  symbolsOf(family: string): readonly SymbolRow[];
  /** The name itself and, for tickers, the other ways to spell its share class that the store has (BRK.B, BRKB). */
  spellings(name: Name): readonly Name[];
  /** Securities that are known on a day and have not been merged into another. */
  securities(k: number): readonly number[];
  /** Every security of a row or decision known by K, merged away or not. */
  all(): readonly number[];
  /** The first ticker that a row known by a day gave the security. */
  ownTicker(securityId: number, k: number): string | undefined;
}

interface NamedRow extends IdentityRow {
  readonly symbol: Name;
}

const IDENTIFIERS = ['figi', 'isin', 'cusip', 'sedol'] as const;
const versionKey = (row: IdentityRow): string => `${row.symbolId}/${row.validFrom}/${row.provisional}`;
const later = (a: { known: number; order: number }, b: { known: number; order: number }): boolean =>
  a.known > b.known || (a.known === b.known && a.order >= b.order);

/** Of each version chain the last one, as known from the day the first one was (knowledge `corrected`). */
function foldVersions(rows: readonly NamedRow[]): NamedRow[] {
  const last = new Map<string, NamedRow>();
  for (const row of rows) {
    const key = `${row.securityId}/${versionKey(row)}`;
    const held = last.get(key);
    if (!held) last.set(key, row);
    else last.set(key, { ...(later(row, held) ? row : held), known: Math.min(row.known, held.known) });
  }
  return [...last.values()];
}

/** Master rows of one security and kind of name as known on a day: the last version of each, open ends closed by its next row. */
function effective(rows: readonly NamedRow[], k: number): (NamedRow & Span)[] {
  const latest = new Map<string, NamedRow>();
  for (const row of rows) {
    if (row.known > k) continue;
    const held = latest.get(versionKey(row));
    if (!held || later(row, held)) latest.set(versionKey(row), row);
  }
  const starts = [...latest.values()].map((row) => row.validFrom ?? ALWAYS).sort((a, b) => a - b);
  return [...latest.values()].map((row) => {
    const from = row.validFrom ?? ALWAYS;
    return { ...row, from, to: row.validTo ?? starts.find((start) => start > from) ?? FOREVER };
  });
}

/** A ticker without the separator of its share class: BRK.B is BRKB. */
const joinedClass = (code: string): string => (/^[A-Z]+\.[A-Z]$/.test(code) ? code.replace('.', '') : code);

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export function claimBook(
  given: readonly IdentityRow[],
  symbolRows: readonly SymbolRow[],
  allDecisions: readonly Decision[],
  { knownAsOf, knowledge = 'strict' }: HistoryOptions,
): ClaimBook {
  const corrected = knowledge === 'corrected';
  const symbols = new Map(symbolRows.map((row) => [row.symbolId, row]));
  const named = given.flatMap((row): NamedRow[] => {
    const symbol = symbols.get(row.symbolId);
    return symbol && row.known <= knownAsOf ? [{ ...row, symbol }] : [];
  });
  const rows = corrected ? foldVersions(named) : named;
  const decisions = allDecisions
    .filter((one) => one.known <= knownAsOf)
    .sort((a, b) => a.known - b.known || a.order - b.order)
    .map((one) => (corrected ? { ...one, known: ALWAYS } : one));
  const merges = decisions.filter((one) => one.kind === 'merge');

  const bySymbolFamily = new Map<string, SymbolRow[]>();
  for (const symbol of symbolRows) push(bySymbolFamily, family(symbol), symbol);

  /** Master rows by security and type of name; the ends of one depend on the others. */
  const groups = new Map<string, NamedRow[]>();
  /** Groups that ever claim a family of names, by their row or by the identifiers on it. */
  const claimants = new Map<string, Set<string>>();
  const families = new Map<number, Set<string>>();
  const provisionals = new Map<string, NamedRow[]>();
  const note = (securityId: number, name: string): void => {
    const set = families.get(securityId);
    if (set) set.add(name);
    else families.set(securityId, new Set([name]));
  };
  for (const row of rows) {
    note(row.securityId, family(row.symbol));
    if (row.provisional) {
      push(provisionals, family(row.symbol), row);
      continue;
    }
    const group = `${row.securityId}/${row.symbol.type}`;
    push(groups, group, row);
    for (const name of [family(row.symbol), ...IDENTIFIERS.flatMap((type) => (row[type] ? [`${type}:${row[type]}`] : []))]) {
      note(row.securityId, name);
      const set = claimants.get(name);
      if (set) set.add(group);
      else claimants.set(name, new Set([group]));
    }
  }
  const assigns = new Map<string, (Decision & { kind: 'assign' })[]>();
  for (const one of decisions)
    if (one.kind === 'assign') {
      const symbol = symbols.get(one.symbolId);
      if (!symbol) continue;
      push(assigns, family(symbol), one);
      note(one.securityId, family(symbol));
    }

  const tickers = new Map<number, NamedRow[]>();
  for (const row of [...rows].sort((a, b) => a.known - b.known || a.order - b.order)) {
    if (row.symbol.type !== 'ticker') continue;
    const list = tickers.get(row.securityId);
    if (list) list.push(row);
    else tickers.set(row.securityId, [row]);
  }

  /** Securities tied together by merges, whenever known: each may own every name of the others. */
  const tied = new Map<number, Set<number>>();
  for (const { securityId, otherId } of merges) {
    const all = new Set([securityId, otherId, ...(tied.get(securityId) ?? []), ...(tied.get(otherId) ?? [])]);
    for (const id of all) tied.set(id, all);
  }
  const tiedTo = (securityId: number): Iterable<number> => tied.get(securityId) ?? [securityId];

  function root(securityId: number, k: number): number {
    let at = securityId;
    // As many steps as there are merges: decisions that would close a circle are refused, but a damaged one must not hang.
    for (let step = 0; step <= merges.length; step++) {
      const next = merges.findLast((one) => one.otherId === at && one.known <= k);
      if (!next) return at;
      at = next.securityId;
    }
    return at;
  }

  /** Codes of tickers that are one but for the separator of the share class. */
  const alike = new Map<string, Set<string>>();
  for (const { type, code } of symbolRows) {
    if (type !== 'ticker') continue;
    const set = alike.get(joinedClass(code));
    if (set) set.add(code);
    else alike.set(joinedClass(code), new Set([code]));
  }
  const codesLike = (name: string): readonly string[] => {
    if (!name.startsWith('ticker:')) return [name];
    const code = name.slice(7);
    return [code, ...[...(alike.get(joinedClass(code)) ?? [])].filter((other) => other !== code).sort()].map((one) => `ticker:${one}`);
  };

  const versionDays = new Map<string, readonly number[]>();
  function versions(wanted: string): readonly number[] {
    let found = versionDays.get(wanted);
    if (!found) {
      const days = new Set<number>();
      const owners = new Set<number>();
      for (const name of codesLike(wanted)) {
        const named = [...(claimants.get(name) ?? [])].flatMap((group) => groups.get(group)!);
        for (const one of [...named, ...(provisionals.get(name) ?? []), ...(assigns.get(name) ?? [])]) {
          days.add(one.known);
          owners.add(one.securityId);
        }
      }
      for (const owner of owners)
        for (const id of tiedTo(owner)) for (const one of merges) if (one.otherId === id || one.securityId === id) days.add(one.known);
      versionDays.set(wanted, (found = [...days].sort((a, b) => a - b)));
    }
    return found;
  }

  const shown = new Map<string, (NamedRow & Span)[]>();
  function rowsOf(group: string, k: number): (NamedRow & Span)[] {
    const list = groups.get(group)!;
    const version = list.reduce((last, row) => (row.known <= k && row.known > last ? row.known : last), -Infinity);
    const key = `${group}/${version}`;
    let found = shown.get(key);
    if (!found) shown.set(key, (found = effective(list, k)));
    return found;
  }

  return {
    claims(name, k) {
      const wanted = family(name);
      const out: Claim[] = [];
      for (const group of claimants.get(wanted) ?? [])
        for (const row of rowsOf(group, k)) {
          const own = family(row.symbol) === wanted && matches(row.symbol, name);
          const identifier = name.type !== 'ticker' && row[name.type as (typeof IDENTIFIERS)[number]] === name.code;
          if (own || identifier) out.push({ securityId: root(row.securityId, k), from: row.from, to: row.to });
        }
      return out;
    },
    provisional(name, k) {
      const list = (provisionals.get(family(name)) ?? []).filter((row) => row.known <= k);
      const exact = list.findLast((row) => row.symbol.exchange === name.exchange);
      if (exact) return root(exact.securityId, k);
      const fitting = new Set(list.filter((row) => matches(row.symbol, name)).map((row) => root(row.securityId, k)));
      return fitting.size === 1 ? [...fitting][0]! : null;
    },
    assigned: (name, k) =>
      (assigns.get(family(name)) ?? [])
        .filter((one) => one.known <= k && matches(symbols.get(one.symbolId)!, name))
        .map(({ securityId, from, to }) => ({ from, to, owner: root(securityId, k) })),
    versions,
    versionAt(name, k) {
      const days = versions(name);
      let at = days.length - 1;
      while (at >= 0 && days[at]! > k) at--;
      return at;
    },
    root,
    familiesOf: (securityId) => [...new Set([...tiedTo(securityId)].flatMap((id) => [...(families.get(id) ?? [])]))],
    symbolsOf: (name) => codesLike(name).flatMap((one) => bySymbolFamily.get(one) ?? []),
    spellings: (name) => codesLike(family(name)).map((one) => ({ ...name, code: one.slice(name.type.length + 1) })),
    securities(k) {
      const found = new Set<number>();
      for (const row of rows) if (row.known <= k) found.add(root(row.securityId, k));
      for (const one of decisions) if (one.kind === 'assign' && one.known <= k) found.add(root(one.securityId, k));
      return [...found].sort((a, b) => a - b);
    },
    all: () => [...new Set([...families.keys(), ...tied.keys()])].sort((a, b) => a - b),
    ownTicker: (securityId, k) => tickers.get(securityId)?.find((row) => row.known <= k)?.symbol.code,
  };
}
