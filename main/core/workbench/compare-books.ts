/** Two views of a book, position by position and ETF by ETF, in dollars of exposure. */
import type { BooksCompared, ExposureMove, PositionMove } from '../../contract/results-workbench.ts';
import { isModelled, type BookPosition, type BookView } from '../../contract/results.ts';

interface Side {
  value: number | null;
  covered: boolean;
  reason: string | null;
  readonly etfs: Map<string, number>;
}

/** Lots of one name in one account are one position. */
const keyOf = ({ account, securityId, ticker }: BookPosition): string => `${account}\n${securityId ?? ticker}`;

function sides(book: BookView): Map<string, { position: BookPosition; side: Side }> {
  const out = new Map<string, { position: BookPosition; side: Side }>();
  for (const position of book.positions) {
    const key = keyOf(position);
    let held = out.get(key);
    if (!held) out.set(key, (held = { position, side: { value: null, covered: true, reason: null, etfs: new Map() } }));
    const { side } = held;
    if (position.marketValue !== null) side.value = (side.value ?? 0) + position.marketValue;
    if (!isModelled(position)) {
      side.covered = false;
      side.reason = position.reason;
      continue;
    }
    position.chain.forEach((etf, i) => {
      const exposure = position.exposure[i] ?? null;
      if (exposure !== null) side.etfs.set(etf, (side.etfs.get(etf) ?? 0) + position.marketValue! * exposure);
    });
  }
  return out;
}

function moves(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): ExposureMove[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((etf) => {
      const [a, b] = [before.get(etf) ?? null, after.get(etf) ?? null];
      return { etf, before: a, after: b, change: (b ?? 0) - (a ?? 0) };
    })
    .sort((x, y) => Math.abs(y.change) - Math.abs(x.change) || (x.etf < y.etf ? -1 : 1));
}

const NONE: ReadonlyMap<string, number> = new Map();

/** Net exposures per ETF and exposures per position; what an unmodelled position would have is not known and counts as none. */
export function compareBooks(before: BookView, after: BookView): BooksCompared {
  const [a, b] = [sides(before), sides(after)];
  const positions = [...new Set([...a.keys(), ...b.keys()])].map((key): PositionMove => {
    const [was, is] = [a.get(key), b.get(key)];
    const { account, ticker, securityId } = (is ?? was)!.position;
    const etfs = moves(was?.side.etfs ?? NONE, is?.side.etfs ?? NONE);
    return {
      account,
      ticker,
      securityId,
      before: was?.side.value ?? null,
      after: is?.side.value ?? null,
      etfs,
      moved: etfs.reduce((sum, { change }) => sum + Math.abs(change), 0),
      covered: { before: was?.side.covered ?? null, after: is?.side.covered ?? null },
      reason: is?.side.reason ?? null,
    };
  });
  const net = (book: BookView): Map<string, number> => new Map(book.etfs.map((etf) => [etf.etf, etf.net]));
  return {
    etfs: moves(net(before), net(after)),
    positions: positions.sort((x, y) => y.moved - x.moved || (x.ticker < y.ticker ? -1 : 1)),
  };
}
