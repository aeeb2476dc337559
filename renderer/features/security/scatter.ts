/** Ticks of an axis from -max to max in round steps; at most seven. */
export function niceTicks(max: number): number[] {
  const rough = (2 * max) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((candidate) => candidate * power >= rough)! * power;
  const count = Math.floor(max / step + 1e-9);
  return Array.from({ length: 2 * count + 1 }, (_, i) => (i - count) * step);
}
