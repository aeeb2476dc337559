/**
 * A panel: all return series of a workspace as known on one day, in shared memory, with the plan of which rows
 * of which security are computed on which arrays. Built by a db worker, read by compute workers.
 */

import type { ReturnEpoch } from '../quant/returns/index.ts';

/** Settings that decide what a panel holds (the kernel's own settings come later). */
export interface PanelSettings {
  readonly knowledge: 'strict' | 'corrected';
  readonly returns: 'auto' | 'adjusted' | 'raw';
  readonly schemes: readonly string[];
  /** Universe whose membership masks the outputs. */
  readonly universe?: string;
  /** Capitalisations at month ends are wanted (shrinkage weighs by them). */
  readonly caps?: true;
}

/** Names of the chain in force on a stretch of rows, for lineage on screens. */
export interface ChainNames {
  readonly market: string | null;
  readonly sector: string | null;
  readonly subsector: string | null;
  readonly scheme: string | null;
  readonly sectorName: string | null;
  readonly industryName: string | null;
  readonly undated: boolean;
}

/** End of a stretch that lasts to the last row, however many rows a later panel has. */
export const OPEN = 2 ** 31 - 1;

/** What a security is called on a stretch of rows. */
export interface NameSpan {
  readonly from: number;
  /** `OPEN` for the name it still has. */
  readonly to: number;
  readonly ticker: string;
}

export interface PanelSeries {
  readonly securityId: number;
  readonly names: readonly NameSpan[];
  readonly name: string | null;
  readonly isEtf: boolean;
}

/** Integers per span in `plan`: from, to (`OPEN` for the last row), market, sector, subsector series (-1 = none), chain-name index. */
export const SPAN = 6;

/** Series number in `plan` of an ETF that the map names but that has no prices: its level is missing, not repeated. */
export const NO_PRICES = -2;

export interface Panel {
  /** Of this panel and its memory alone: another of the same request, made later, has another. */
  readonly key: string;
  /** Panels of one basis have the same returns, whichever securities they are of. */
  readonly basis: string;
  readonly firstSession: number;
  readonly nRows: number;
  /** EpochDay per row. */
  readonly days: Int32Array;
  readonly series: readonly PanelSeries[];
  /**
   * Returns of each series as each row first knew them, NaN = missing; read with `returnsOfSeries`. There is room for further rows and
   * series: a later panel of the same store may share the memory, and writes only where no earlier panel looks.
   */
  readonly returns: Float64Array;
  /** Room of one series in `returns`, at least nRows. */
  readonly stride: number;
  /** Which room of `returns` holds each series. */
  readonly place: Int32Array;
  /**
   * Series with facts learned late: rows [fromRow, toRow) of an output are computed on the base returns with the patches of
   * that epoch and all before it written over. A series that is not here has one epoch, its base.
   */
  readonly epochs: ReadonlyMap<number, readonly ReturnEpoch[]>;
  readonly plan: Int32Array;
  /** Spans of series i are planStart[i] .. planStart[i + 1]. */
  readonly planStart: Int32Array;
  /** Last row that may exist for a series (delisting); `OPEN` when none. Read with `lastRowOf`. */
  readonly lastRow: Int32Array;
  readonly chains: readonly ChainNames[];
  /** Series made of a fund and its proxy: the row after the last return of the proxy. */
  readonly proxied?: ReadonlyMap<number, number>;
  /** With a universe: `mask[series * nRows + row]` is 1 where the row is outside the membership of its own date. */
  readonly mask?: Uint8Array;
  /** Dollars at the k-th month end of the axis: `caps[series * months + k]`, NaN for none; only where the settings want them. */
  readonly caps?: Float64Array;
  readonly dataAsOf: number;
  readonly knownAsOf: number;
  readonly revision: number;
}

/** Returns of a series over all rows; a view, not to be changed. */
export function returnsOfSeries({ returns, stride, place, nRows }: Panel, series: number): Float64Array {
  const at = place[series]! * stride;
  return returns.subarray(at, at + nRows);
}

/** Last row of the panel that may exist for a series. */
export const lastRowOf = ({ lastRow, nRows }: Panel, series: number): number => Math.min(lastRow[series]!, nRows - 1);

/** A panel told as what differs from an earlier one, which the receiver holds: names, plan and chains are the heavy part of a message. */
export interface PanelUpdate extends Pick<
  Panel,
  'key' | 'basis' | 'nRows' | 'days' | 'place' | 'epochs' | 'dataAsOf' | 'knownAsOf' | 'revision'
> {
  /** Key of the earlier panel. */
  readonly base: string;
  readonly proxied?: ReadonlyMap<number, number>;
}

/** The later panel: no chain or delisting changed. */
export const updated = (panel: Panel, { base: _, ...update }: PanelUpdate): Panel => ({ ...panel, ...update });
