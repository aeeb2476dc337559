/** Positions that no security answers to, with the securities they may mean. */
import {
  allSymbols,
  currentRevision,
  readActions,
  readClassifications,
  readIdentities,
  readShares,
  seriesExtents,
  type Workspace,
} from '../../../db/index.ts';
import type { Suggestion, WaitingLine } from '../../contract/results-holdings.ts';
import { formatIsoDay } from '../../contract/units.ts';
import { bookLines, type BookLine } from './book-lines.ts';
import { groupBy } from './group.ts';
import { readHistory } from './master.ts';
import { holderOf } from './name-look-ups.ts';
import { openDay, titles } from './quarantine.ts';
import { mayBeSecurity } from './stage-holdings.ts';

/** Everything a security is or was called. */
interface Known {
  readonly securityId: number;
  /** `plain`: its letters. */
  readonly codes: readonly { readonly code: string; readonly plain: string; readonly until: string | null }[];
  readonly identifiers: ReadonlySet<string>;
  readonly names: readonly string[];
}

const MOST = 5;
const SERIES = ['close', 'adj_close', 'return', 'volume', 'market_cap'] as const;

/** Lines of a snapshot, or of the book (null): the latest of every account. */
export function waitingLines(ws: Workspace, { snapshotId }: { readonly snapshotId: number | null }): WaitingLine[] {
  const revision = currentRevision(ws);
  const { snapshots, lines } = bookLines(ws, { snapshotId, account: null, snapshotsUntil: null });
  const history = readHistory(ws, revision, Infinity);
  const view = history.at(Infinity);
  const waiting = lines.filter(
    (line) => line.disposition === 'position' && line.symbolId !== null && mayBeSecurity(line) && holderOf(view, line, line.asOf) === null,
  );
  if (waiting.length === 0) return [];
  const title = titles(ws, revision, view);
  const stated = new Set<number>(seriesExtents(ws, { fields: SERIES, revision }).keys());
  for (const rows of [readActions(ws, { revision }), readClassifications(ws, { revision }), readShares(ws, { revision })])
    for (const { symbolId } of rows) stated.add(symbolId);
  const symbols = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol]));
  const rows = groupBy(readIdentities(ws, { revision }), (row) => view.root(row.securityId));
  const known = view.securities().map((securityId): Known => {
    const own = rows.get(securityId) ?? [];
    return {
      securityId,
      codes: view.pieces(securityId).map(({ symbolId, toDay }) => {
        const { code } = symbols.get(symbolId)!;
        return { code, plain: letters(code), until: openDay(toDay) };
      }),
      identifiers: new Set(own.flatMap(({ isin, cusip }) => [isin, cusip].filter((one): one is string => !!one))),
      names: own.flatMap(({ name }) => (name ? [plainName(name)] : [])),
    };
  });
  const alike = indexOf(known);
  // One name in forty accounts is looked for once.
  const suggested = new Map<string, readonly Suggestion[]>();
  return waiting.map((line) => {
    const asked = JSON.stringify([line.ticker, line.name, line.isin, line.cusip]);
    if (!suggested.has(asked))
      suggested.set(
        asked,
        suggest(line, alike).map(({ securityId, because }): Suggestion => {
          const { ticker: own, name: called } = title(securityId);
          return { securityId, ticker: own, name: called, because };
        }),
      );
    const snapshot = snapshots.findLast((one) => one.asOf === line.asOf && one.accounts.includes(line.account)) ?? snapshots.at(-1)!;
    const { account, ticker, name, quantity, marketValue } = line;
    const { code, exchange } = symbols.get(line.symbolId!)!;
    return {
      snapshotId: snapshot.snapshotId,
      asOf: formatIsoDay(snapshot.asOf),
      file: snapshot.file,
      line: line.line,
      symbol: exchange === '' ? code : `${code}@${exchange}`,
      knownFrom: stated.has(line.symbolId!) ? null : formatIsoDay(snapshot.asOf),
      ...{ account, ticker, name, quantity, marketValue },
      suggestions: suggested.get(asked)!,
    };
  });
}

/** Securities by what a line must share with them to mean them; looking at each of thousands for each line takes seconds. */
type Alike = ReadonlyMap<string, readonly Known[]>;

function indexOf(known: readonly Known[]): Alike {
  const index = new Map<string, Known[]>();
  for (const one of known) {
    const keys = [
      ...[...one.identifiers].map((id) => `number ${id}`),
      ...one.codes.flatMap(({ code, plain }) => [`letters ${plain}`, ...nearly(code)]),
      ...one.names.map(beginning),
    ];
    for (const key of new Set(keys)) {
      const list = index.get(key);
      if (list) list.push(one);
      else index.set(key, [one]);
    }
  }
  return index;
}

/** A code, and the code without each of its letters: what is one letter away, or has two neighbours exchanged, shares one of them. */
const nearly = (code: string): string[] =>
  [code, ...Array.from({ length: code.length }, (_, i) => code.slice(0, i) + code.slice(i + 1))].map((one) => `code ${one}`);
/** Names of which one begins with the other share it. */
const beginning = (name: string): string => `name ${name.slice(0, 5)}`;

function suggest(line: BookLine, alike: Alike): { securityId: number; because: string }[] {
  const code = line.ticker.toUpperCase();
  const asked = { code, plain: letters(code), base: letters(code.split(/[ .:]/)[0]!), name: plainName(line.name ?? '') };
  const found: { securityId: number; because: string; rank: number }[] = [];
  const keys = [
    ...[line.isin, line.cusip].map((id) => `number ${id}`),
    ...[`letters ${asked.plain}`, `letters ${asked.base}`, ...nearly(code), beginning(asked.name)],
  ];
  for (const one of new Set(keys.flatMap((key) => alike.get(key) ?? []))) {
    const match = matchOf(line, asked, one);
    if (match) found.push({ securityId: one.securityId, rank: match[0], because: match[1] });
  }
  return found.sort((a, b) => a.rank - b.rank || a.securityId - b.securityId).slice(0, MOST);
}

/** What speaks for a security, the strongest first; null when nothing does. */
function matchOf(
  line: BookLine,
  { code, plain, base, name }: { readonly code: string; readonly plain: string; readonly base: string; readonly name: string },
  { codes, identifiers, names }: Known,
): readonly [rank: number, because: string] | null {
  if (line.isin && identifiers.has(line.isin)) return [0, `the same ISIN ${line.isin}`];
  if (line.cusip && identifiers.has(line.cusip)) return [0, `the same CUSIP ${line.cusip}`];
  const other = codes.find((one) => one.code === code);
  if (other) return [1, other.until === null ? `it is called ${code} on other days` : `it was called ${code} until ${other.until}`];
  const spelt = codes.find((one) => one.plain === plain);
  if (spelt) return [1, `the same letters: ${spelt.code}`];
  if (name !== '' && names.includes(name)) return [1, 'the same name'];
  const market = base !== plain && codes.find((one) => one.plain === base);
  if (market) return [2, `${market.code}, without the ending`];
  if (name.length >= 5 && names.some((own) => own.length >= 5 && (own.startsWith(name) || name.startsWith(own))))
    return [3, 'its name begins alike'];
  const near = code.length >= 3 && codes.find((one) => oneApart(one.code, code));
  return near ? [4, `one letter away: ${near.code}`] : null;
}

const letters = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** A company's name without its legal form, class and punctuation. */
function plainName(text: string): string {
  return text
    .toUpperCase()
    .replace(/[^A-Z0-9 ]/g, ' ')
    .replace(
      /\b(THE|INC|INCORPORATED|CORP|CORPORATION|CO|COMPANY|PLC|LTD|LIMITED|LLC|LP|SA|NV|AG|SE|COM|COMMON|STOCK|SHARES?|CLASS|CL|ORD|NEW|ADR)\b/g,
      ' ',
    )
    .replace(/\s+/g, ' ')
    .trim();
}

/** Whether one letter more, less, other or two neighbours exchanged make one of the other. */
function oneApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  const rest = (text: string, cut: number): string => text.slice(from + cut);
  if (a.length > b.length) return rest(a, 1) === rest(b, 0);
  if (b.length > a.length) return rest(b, 1) === rest(a, 0);
  return rest(a, 1) === rest(b, 1) || (a[from] === b[from + 1] && a[from + 1] === b[from] && rest(a, 2) === rest(b, 2));
}
