import type { EpochReturns, ReturnEpoch } from './types.ts';

/** A fund's returns with those of another one before its first, and the row of that first. */
export interface ProxiedReturns {
  readonly returns: EpochReturns;
  /** Rows before it are the proxy's. */
  readonly firstRow: number;
}

/** Part of the fingerprint of a run with proxies: changes whenever any return of a fund with its proxy can. */
export const PROXY_VERSION = 'proxy-2';

/**
 * The returns of a fund, and of its proxy on the rows before the fund's first return. Which row that is was known on it: nothing before it
 * depends on when the fund begins. A return of the fund learned late for an earlier row ends the proxy's there from then on: a gap
 * behind it is one.
 */
export function withProxy(own: EpochReturns, proxy: EpochReturns, nRows: number): ProxiedReturns {
  const found = own.base.findIndex((value) => !Number.isNaN(value));
  const firstRow = found < 0 ? nRows : found;
  const base = own.base.slice();
  const source = own.source.slice();
  base.set(proxy.base.subarray(0, firstRow));
  source.set(proxy.source.subarray(0, firstRow));
  /** Both funds on the rows before the first, as known so far, and the first of them the fund has a return on by now. */
  const [ownNow, proxyNow] = [copyOf(own, firstRow), copyOf(proxy, firstRow)];
  let begins = firstRow;
  const starts = [...new Set([...own.epochs, ...proxy.epochs].map((epoch) => epoch.fromRow))].sort((a, b) => a - b);
  const at = (returns: EpochReturns, fromRow: number) => returns.epochs.find((epoch) => epoch.fromRow === fromRow);
  const epochs = starts.map((fromRow, i): ReturnEpoch => {
    const patches = new Map<number, { value: number; source: number }>();
    const changed = new Set<number>();
    const take = (epoch: ReturnEpoch | undefined, now: Copy, later: boolean): void =>
      epoch?.patchRows.forEach((row, p) => {
        const [value, from] = [epoch.patchValues[p]!, epoch.patchSources[p]!];
        if (row >= firstRow) {
          if (later) patches.set(row, { value, source: from });
          return;
        }
        now.values[row] = value;
        now.sources[row] = from;
        changed.add(row);
      });
    take(at(proxy, fromRow), proxyNow, false);
    take(at(own, fromRow), ownNow, true);
    const first = ownNow.values.findIndex((value) => !Number.isNaN(value));
    const before = begins;
    begins = first < 0 ? firstRow : first;
    for (let row = Math.min(before, begins); row < Math.min(Math.max(before, begins), fromRow); row++) changed.add(row);
    for (const row of changed) {
      const { values, sources } = row < begins ? proxyNow : ownNow;
      patches.set(row, { value: values[row]!, source: sources[row]! });
    }
    const toRow = starts[i + 1] ?? nRows;
    for (let row = Math.max(fromRow, begins); row < Math.min(toRow, firstRow); row++)
      [base[row], source[row]] = [own.base[row]!, own.source[row]!];
    const rows = [...patches.keys()].sort((a, b) => a - b);
    return {
      fromRow,
      toRow,
      patchRows: Int32Array.from(rows),
      patchValues: Float64Array.from(rows, (row) => patches.get(row)!.value),
      patchSources: Uint8Array.from(rows, (row) => patches.get(row)!.source),
    };
  });
  return { returns: { base, source, epochs }, firstRow };
}

interface Copy {
  readonly values: Float64Array;
  readonly sources: Uint8Array;
}

const copyOf = ({ base, source }: EpochReturns, rows: number): Copy => ({ values: base.slice(0, rows), sources: source.slice(0, rows) });
