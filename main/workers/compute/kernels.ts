/** Kernels by settings and axis, kept between panels: a kernel's memory is touched for the first time once, which costs more than its arithmetic. */
import type { Axis, Cascade, Chain } from '../../quant/cascade/index.ts';
import { createEstimator, type RobustSettings } from '../../quant/robust/index.ts';

export interface Kernel {
  readonly cascade: Cascade;
  /** Chains by the securities of their ETFs, of panels that agree on every return. */
  readonly chains: Map<string, Chain>;
  /** Copies of the returns of ETFs by security, of whatever panel. */
  readonly columns: Map<string, Column>;
}

/** Rows of an ETF on a kernel's axis; those from `known` on are missing, for no panel has had them. */
export interface Column {
  readonly values: Float64Array;
  known: number;
}

interface Kept extends Kernel {
  readonly basis: string;
}

/** A whole axis and a short one, of two settings. */
const KEPT = 4;
const kept = new Map<string, Kept>();

/** The kernel of some settings and axis. Its tile holds what it was asked last, by whatever panel; its chains are those of one `basis`. */
export function kernelFor(settings: RobustSettings, axis: Axis, basis: string, tableBytes?: number): Kernel {
  const key = JSON.stringify([settings, axis.firstSession, axis.nRows]);
  const held = kept.get(key);
  const made = (): Cascade => createEstimator(settings, axis, tableBytes === undefined ? {} : { tableBytes });
  if (held && held.basis !== basis) for (const chain of held.chains.values()) held.cascade.release(chain);
  const kernel =
    held?.basis === basis ? held : { cascade: held?.cascade ?? made(), basis, chains: new Map(), columns: held?.columns ?? new Map() };
  kept.delete(key);
  kept.set(key, kernel);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return kernel;
}
