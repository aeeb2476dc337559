/** Heatmap steps, symmetric about 0; the number always stands in the cell beside the colour. */

/** The magnitude that gets the strongest step: the 95th percentile, so that one giant does not grey out the rest. */
export function heatFull(values: Iterable<number>): number {
  const sizes = Array.from(values, Math.abs)
    .filter((size) => size > 0)
    .sort((a, b) => a - b);
  return sizes[Math.max(0, Math.ceil(0.95 * sizes.length) - 1)] ?? 0;
}

/** Class of a cell: seven equal steps of [−full, full], values beyond in the outermost. */
export function heatClass(value: number | null, full: number): string {
  if (value === null || Number.isNaN(value)) return '';
  const step = full > 0 ? Math.min(3, Math.floor((Math.abs(value) / full) * 3.5 + 0.5)) : 0;
  return step === 0 ? 'heat-0' : `heat-${value > 0 ? 'p' : 'n'}${step}`;
}

/** Lower edges of steps 1, 2, 3, for the legend. */
export const heatEdges = (full: number): readonly [number, number, number] => [full / 7, (3 * full) / 7, (5 * full) / 7];
