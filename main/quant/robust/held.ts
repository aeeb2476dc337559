/** `refresh = month-end` for least squares in one window: the cascade kernel's own rows of the refresh days, held. */
import { createCascade, F, FLAG, type Axis, type Chain, type KernelName, type KernelSettings } from '../cascade/index.ts';
import type { ChainReturns } from '../cascade/rows.ts';
import { HELD_COUNT, R, RECORD, RECORD_COLUMNS } from './records.ts';
import type { Schedule } from './schedule.ts';

const ERROR = F.l1_mkt_hr_se!;
const ERRORS = 6;
/** Flags of the day, not of the fit. */
const OF_THE_DAY = FLAG.additivity | FLAG.replication;

export interface Holder {
  /** Writes the record of the refresh at `row` to `out` at `o`. */
  record(chain: ChainReturns & { readonly id: number }, r: Float64Array, lastRow: number, row: number, out: Float64Array, o: number): void;
  /** Standard errors of the refresh that each existing row carries. */
  errors(values: Float64Array, from: number, to: number, schedule: Schedule, alive: Uint8Array): void;
  /** Lets go of what is kept of a chain. */
  release(chainId: number): void;
}

export function createHolder(settings: KernelSettings, axis: Axis, kernel: KernelName | undefined): Holder {
  const { nRows } = axis;
  const cascade = createCascade(settings, axis, kernel ? { kernel } : {});
  const tile = cascade.tile();
  const chains = new Map<number, Chain>();
  const errors = new Float64Array(nRows * ERRORS);

  return {
    release(chainId) {
      const own = chains.get(chainId);
      if (own) cascade.release(own);
      chains.delete(chainId);
    },
    record(chain, r, lastRow, row, out, o) {
      let own = chains.get(chain.id);
      if (!own) {
        own = cascade.chain(chain.m, chain.levels > 1 ? chain.s : null, chain.levels > 2 ? chain.u : null);
        chains.set(chain.id, own);
      }
      cascade.security([{ from: row, to: row + 1, chain: own, r }], lastRow, tile);
      const at = (column: number): number => tile.values[column * nRows + row]!;
      for (let k = 0; k < HELD_COUNT; k++) out[o + k] = at(RECORD_COLUMNS[k]!);
      if (!(out[o + R.level]! >= 0)) {
        // The security did not trade around the refresh: there is no row to hold.
        out[o + R.level] = 0;
        const { levels } = chain;
        out[o + R.flags] = FLAG.short_history | (levels === 1 ? FLAG.no_sector_etf : levels === 2 ? FLAG.no_subsector_etf : 0);
      } else out[o + R.flags] = out[o + R.flags]! & ~OF_THE_DAY;
      for (let k = 0; k < ERRORS; k++) errors[(o / RECORD) * ERRORS + k] = at(ERROR + k);
      path(out, o);
    },
    errors(values, from, to, { carried }, alive) {
      for (let t = from; t < to; t++)
        if (alive[t] === 1 && carried[t]! >= 0)
          for (let k = 0; k < ERRORS; k++) values[(ERROR + k) * nRows + t] = errors[carried[t]! * ERRORS + k]!;
    },
  };
}

/** The slopes of every level from its exposures: the kernel keeps only the deepest level's links, so a level above is checked by itself. */
function path(out: Float64Array, o: number): void {
  const level = out[o + R.level]!;
  const [sm, um, us] = [out[o + R.link]!, out[o + R.link + 1]!, out[o + R.link + 2]!];
  out[o + R.path1] = out[o + R.exposure1]!;
  const [m2, s2] = [out[o + R.exposure2]!, out[o + R.exposure2 + 1]!];
  out[o + R.path2] = m2 + sm * s2;
  out[o + R.path2 + 1] = s2;
  out[o + R.path2 + 2] = sm;
  if (level < 3) return;
  const [m3, s3, u3] = [out[o + R.exposure3]!, out[o + R.exposure3 + 1]!, out[o + R.exposure3 + 2]!];
  out[o + R.path3] = m3 + sm * s3 + um * u3;
  out[o + R.path3 + 1] = s3 + us * u3;
  out[o + R.path3 + 2] = u3;
  out[o + R.path3 + 3] = sm;
  out[o + R.path3 + 4] = um;
  out[o + R.path3 + 5] = us;
}
