/** Which ETFs the chains of securities name today. */
import { OLS_252 } from '../../contract/settings.ts';
import type { Session } from '../../contract/units.ts';
import { chainSpans, indexMap } from '../../quant/chains/index.ts';
import type { Master } from './master.ts';

/** Codes of the ETFs in the chain of each security on the last row, market first, with the order of schemes that the presets have. */
export function lastChains(master: Master, knownAsOf: number, securities: readonly number[]): Map<number, readonly string[]> {
  const map = indexMap(master.mapRows);
  const { firstSession, nRows, days, slots } = master.axis;
  const last = nRows - 1;
  const today = { firstSession: (firstSession + last) as Session, nRows: 1, days: days.subarray(last), slots: slots.subarray(last) };
  return new Map(
    securities.map((security) => {
      const [span] = chainSpans(master.classRows.get(security) ?? [], map, today, { knownAsOf, schemes: OLS_252.schemes });
      return [security, [span?.market, span?.sector, span?.subsector].filter((etf) => typeof etf === 'string')];
    }),
  );
}
