/** Which ETFs the chains of securities name today. */
import { OLS_252 } from '../../contract/settings.ts';
import { chainSpans, indexMap } from '../../quant/chains/index.ts';
import type { Master } from './master.ts';

/** Codes of the ETFs in the chain of each security on the last row, market first, with the order of schemes that the presets have. */
export function lastChains(master: Master, knownAsOf: number, securities: readonly number[]): Map<number, readonly string[]> {
  const map = indexMap(master.mapRows);
  const last = master.axis.nRows - 1;
  return new Map(
    securities.map((security) => {
      const spans = chainSpans(master.classRows.get(security) ?? [], map, master.axis, { knownAsOf, schemes: OLS_252.schemes });
      const span = spans.find(({ fromRow, toRow }) => fromRow <= last && last < toRow);
      return [security, [span?.market, span?.sector, span?.subsector].filter((etf) => typeof etf === 'string')];
    }),
  );
}
