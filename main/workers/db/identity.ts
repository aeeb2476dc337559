/**
 * Who a name is on a day, as known on a day: the dated view from the security master and the decisions made by hand over the
 * symbols that files use. A master row for (ticker, exchange) also answers for the ticker without an exchange. A name that no
 * master row known then claims belongs to its provisional security; once one does, the days it does not claim belong to nobody.
 */
import { claimBook, type Claim, type ClaimBook } from './identity-claims.ts';
import {
  ALWAYS,
  family,
  FOREVER,
  type Decision,
  type HistoryOptions,
  type IdentityRow,
  type Name,
  type Piece,
  type Span,
  type Stretch,
  type SymbolRow,
} from './identity-types.ts';

export * from './identity-types.ts';

/** Who is who as known on one day. */
export interface IdentityIndex {
  /** Security behind a stored symbol or a name on a day; null when nobody or two claim it. */
  resolve(symbol: number | Name, day: number): number | null;
  /** Security that a fact dated `day` names: its owner on the day, else the first one afterwards. */
  resolveFact(symbol: number | Name, day: number): number | null;
  /** Who claims a name when: consecutive stretches over all days. */
  stretches(name: Name): readonly Stretch[];
  /** Days of [fromDay, toDay) on which two securities or more claim the name, so that it means neither. */
  disputed(name: Name, fromDay: number, toDay: number): readonly Stretch[];
  /** The symbols of a security and their days; `resolve` read backwards. */
  pieces(securityId: number): readonly Piece[];
  /** Ticker of a security on a day: its master ticker (outside its rows the nearest), else the ticker it was provisionally made from. */
  tickerOn(securityId: number, day: number): string;
  /** Days on which a ticker of a security begins or ends, ascending. */
  renames(securityId: number): readonly number[];
  securities(): readonly number[];
  /** The security that this one has been merged into, else itself. */
  root(securityId: number): number;
}

/** Who is who, as known on any day up to the day of the run. */
export interface IdentityHistory {
  at(day: number): IdentityIndex;
  /**
   * Days, ascending, on which something about earlier days of the security was learned. Between two of them the index of the
   * later days says the same of the earlier ones, so one index serves the whole stretch.
   */
  late(securityId: number): readonly number[];
  /** The same of a name. */
  lateName(name: Name): readonly number[];
  /** Days of [fromDay, toDay) of which nothing at all was said of the name on the day itself. */
  unknown(name: Name, fromDay: number, toDay: number): readonly Span[];
  /** Every security that ever was one. */
  securities(): readonly number[];
  /** Every stored name that may ever have been the security's. */
  symbolsOf(securityId: number): readonly SymbolRow[];
}

const clipped = (spans: readonly Stretch[], from: number, to: number): Stretch[] =>
  spans.map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) })).filter((span) => span.from < span.to);

/** Stretches of [ALWAYS, FOREVER) on which the same claims hold, with the distinct claimants of each. */
function stretchesOf(claims: readonly Claim[]): Stretch[] {
  if (claims.length === 0) return [{ from: ALWAYS, to: FOREVER, owners: [] }];
  const cuts = [...new Set([ALWAYS, FOREVER, ...claims.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return joined(
    cuts.slice(0, -1).map((from, i) => {
      const to = cuts[i + 1]!;
      const owners = claims.filter((claim) => claim.from <= from && to <= claim.to).map((claim) => claim.securityId);
      return { from, to, owners: [...new Set(owners)].sort((a, b) => a - b) };
    }),
  );
}

const sameOwners = (a: Stretch, b: Stretch): boolean =>
  a.owners.length === b.owners.length && a.owners.every((owner, i) => owner === b.owners[i]);

function joined(stretches: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const one of stretches) {
    const last = out.at(-1);
    if (last && last.to === one.from && sameOwners(last, one)) out[out.length - 1] = { ...last, to: one.to };
    else if (one.from < one.to) out.push(one);
  }
  return out;
}

/** The stretches with an owner written over days [from, to). */
function overlaid(stretches: readonly Stretch[], from: number, to: number, owner: number): Stretch[] {
  const before = clipped(stretches, ALWAYS, from);
  const after = clipped(stretches, to, FOREVER);
  return joined([...before, { from, to, owners: [owner] }, ...after]);
}

/** What is said of a name in one spelling, as known on a day; null when nothing is. */
function saidOf(book: ClaimBook, name: Name, k: number): Stretch[] | null {
  const claims = book.claims(name, k);
  const assigned = book.assigned(name, k);
  const provisional = claims.length === 0 ? book.provisional(name, k) : null;
  if (claims.length === 0 && provisional === null && assigned.length === 0) return null;
  const owners = new Set(claims.map((claim) => claim.securityId));
  let stretches: Stretch[];
  if (claims.length === 0) stretches = [{ from: ALWAYS, to: FOREVER, owners: provisional === null ? [] : [provisional] }];
  // An identifier never changes hands: one claimed by a single security is its own on all days.
  else if (name.type !== 'ticker' && owners.size === 1) stretches = [{ from: ALWAYS, to: FOREVER, owners: [...owners] }];
  else stretches = stretchesOf(claims);
  for (const { from, to, owner } of assigned) stretches = overlaid(stretches, from, to, owner);
  return stretches;
}

/** Who claims a name as known on a day: by its own spelling, else by the only other spelling of the share class that means anybody. */
function ownership(book: ClaimBook, name: Name, k: number): Ownership {
  const [own, ...others] = book.spellings(name);
  const said = saidOf(book, own!, k);
  if (said) return { stretches: said, unknown: false };
  const alike = others.flatMap((other) => saidOf(book, other, k) ?? []);
  const owners = new Set(alike.flatMap((one) => one.owners));
  if (alike.length > 0 && owners.size > 0 && others.length === 1) return { stretches: alike, unknown: false };
  return { stretches: [{ from: ALWAYS, to: FOREVER, owners: [] }], unknown: true };
}

interface Ownership {
  readonly stretches: readonly Stretch[];
  /** Nothing at all is said of the name. */
  readonly unknown: boolean;
}

const ownerOf = (stretch: Stretch | undefined): number | null => (stretch?.owners.length === 1 ? stretch.owners[0]! : null);
const sameStretches = (a: readonly Stretch[], b: readonly Stretch[]): boolean =>
  a.length === b.length && a.every((one, i) => one.from === b[i]!.from && one.to === b[i]!.to && sameOwners(one, b[i]!));

/** Builds the history from all identity rows and decisions visible at a revision. Names are worked out when first asked for. */
export function identityHistory(
  rows: readonly IdentityRow[],
  symbolRows: readonly SymbolRow[],
  decisions: readonly Decision[],
  options: HistoryOptions,
): IdentityHistory {
  const book = claimBook(rows, symbolRows, decisions, options);
  const symbols = new Map(symbolRows.map((row) => [row.symbolId, row]));
  const held = new Map<string, Ownership>();
  const late = new Map<string, readonly number[]>();
  const views = new Map<number, IdentityIndex>();
  const symbolLists = new Map<number, readonly SymbolRow[]>();

  function ownershipAt(name: Name, k: number): Ownership {
    const version = book.versionAt(family(name), k);
    const key = `${family(name)}@${name.exchange}/${version}`;
    let found = held.get(key);
    if (!found) held.set(key, (found = ownership(book, name, k)));
    return found;
  }
  const stretchesAt = (name: Name, k: number): readonly Stretch[] => ownershipAt(name, k).stretches;

  function symbolsOf(securityId: number): readonly SymbolRow[] {
    let list = symbolLists.get(securityId);
    if (!list) symbolLists.set(securityId, (list = book.familiesOf(securityId).flatMap((one) => book.symbolsOf(one))));
    return list;
  }

  function lateName(name: Name): readonly number[] {
    const key = `${family(name)}@${name.exchange}`;
    let found = late.get(key);
    if (!found) {
      const days = book.versions(family(name));
      found = days.filter((day) => {
        const before = stretchesAt(name, day - 1);
        return !sameStretches(joined(clipped(before, ALWAYS, day)), joined(clipped(stretchesAt(name, day), ALWAYS, day)));
      });
      late.set(key, found);
    }
    return found;
  }

  function view(k: number): IdentityIndex {
    const pieceLists = new Map<number, readonly Piece[]>();
    const resolve = (given: number | Name, day: number): number | null => {
      const symbol = typeof given === 'number' ? symbols.get(given) : given;
      return symbol ? ownerOf(stretchesAt(symbol, k).find((one) => one.from <= day && day < one.to)) : null;
    };
    const resolveFact = (given: number | Name, day: number): number | null => {
      const symbol = typeof given === 'number' ? symbols.get(given) : given;
      const rest = symbol ? stretchesAt(symbol, k).filter((one) => day < one.to) : [];
      return ownerOf(rest[0]?.owners.length === 0 ? rest.find((one) => one.owners.length > 0) : rest[0]);
    };
    const pieces = (securityId: number): readonly Piece[] => {
      let list = pieceLists.get(securityId);
      if (!list) {
        const out: Piece[] = [];
        for (const symbol of symbolsOf(securityId))
          for (const stretch of stretchesAt(symbol, k)) {
            if (ownerOf(stretch) !== securityId) continue;
            out.push({ symbolId: symbol.symbolId, fromDay: stretch.from, toDay: stretch.to });
          }
        pieceLists.set(securityId, (list = out));
      }
      return list;
    };
    const tickerPieces = (securityId: number): readonly Piece[] =>
      pieces(securityId).filter((piece) => symbols.get(piece.symbolId)!.type === 'ticker');
    /**
     * Tickers of a security by days; those of master rows, or with none of them its provisional ones. What ends after `day` goes on, as
     * far as that day can know.
     */
    const tickers = (securityId: number, day: number): { from: number; to: number; code: string }[] => {
      const own = book.ownTicker(securityId, k);
      const named = tickerPieces(securityId)
        .map(({ symbolId, fromDay, toDay }) => ({ from: fromDay, to: toDay > day ? FOREVER : toDay, code: symbols.get(symbolId)!.code }))
        // Of names without dates, as merged provisional ones have, its own comes first.
        .sort((a, b) => a.from - b.from || b.to - a.to || Number(b.code === own) - Number(a.code === own) || (a.code < b.code ? -1 : 1));
      const dated = named.filter((one) => one.from > ALWAYS || one.to < FOREVER);
      return dated.length > 0 ? dated : named;
    };
    return {
      resolve,
      resolveFact,
      stretches: (name) => stretchesAt(name, k),
      disputed: (name, fromDay, toDay) =>
        clipped(
          stretchesAt(name, k).filter((span) => span.owners.length > 1),
          fromDay,
          toDay,
        ),
      pieces,
      tickerOn(securityId, day) {
        const list = tickers(securityId, day);
        // Before its first or after its last master row a security keeps its nearest ticker.
        const nearest = list.filter((span) => span.from <= day).at(-1) ?? list[0];
        return (
          (list.find((span) => span.from <= day && day < span.to) ?? nearest)?.code ?? book.ownTicker(securityId, k) ?? `#${securityId}`
        );
      },
      renames(securityId) {
        const days = new Set<number>();
        for (const { fromDay, toDay } of tickerPieces(securityId)) {
          if (fromDay > ALWAYS) days.add(fromDay);
          if (toDay < FOREVER) days.add(toDay);
        }
        return [...days].sort((a, b) => a - b);
      },
      securities: () => book.securities(k),
      root: (securityId) => book.root(securityId, k),
    };
  }

  return {
    at(day) {
      const k = Math.min(day, options.knownAsOf);
      let found = views.get(k);
      if (!found) views.set(k, (found = view(k)));
      return found;
    },
    late(securityId) {
      const days = new Set<number>();
      for (const symbol of symbolsOf(securityId)) for (const day of lateName(symbol)) days.add(day);
      return [...days].sort((a, b) => a - b);
    },
    lateName,
    unknown(name, fromDay, toDay) {
      const cuts = [ALWAYS, ...book.versions(family(name)), FOREVER];
      return cuts.slice(0, -1).flatMap((cut, i) => {
        const span = { from: Math.max(cut, fromDay), to: Math.min(cuts[i + 1]!, toDay) };
        return span.from < span.to && ownershipAt(name, cut).unknown ? [span] : [];
      });
    },
    securities: () => book.all(),
    symbolsOf,
  };
}

/** Who is who as known on one day. */
export function indexIdentities(
  rows: readonly IdentityRow[],
  symbolRows: readonly SymbolRow[],
  knowledgeDay: number,
  decisions: readonly Decision[] = [],
): IdentityIndex {
  return identityHistory(rows, symbolRows, decisions, { knownAsOf: knowledgeDay }).at(knowledgeDay);
}
