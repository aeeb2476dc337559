/** Kernels by settings and axis, kept between panels: a kernel's memory is touched for the first time once, which costs more than its arithmetic. */
import type { Axis, Cascade } from '../../quant/cascade/index.ts';
import { createEstimator, type RobustSettings } from '../../quant/robust/index.ts';

/** A whole axis and a short one, of two settings. */
const KEPT = 4;
const kept = new Map<string, Cascade>();

/** The kernel of some settings and axis. Its tile holds what it was asked last, by whatever panel. */
export function kernelFor(settings: RobustSettings, axis: Axis): Cascade {
  const key = JSON.stringify([settings, axis.firstSession, axis.nRows]);
  const kernel = kept.get(key) ?? createEstimator(settings, axis);
  kept.delete(key);
  kept.set(key, kernel);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return kernel;
}
