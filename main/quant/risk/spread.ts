/** How other series move when some do. */

/** Below this share of its own variance, what a shocked series has of its own is rounding. */
const ALIKE = 1e-10;

/**
 * Moves of all series given those of some (null = not given): the mean of the others given the stated ones under the covariance `matrix`
 * (row-major), `C_os C_ss^-1 x`. The stated ones are worked in one after the other, so that one that is a combination of those before
 * adds nothing. Without a covariance (NaN) the others are NaN; nothing stated moves nothing.
 */
export function spreadMoves(given: readonly (number | null)[], matrix: ArrayLike<number>): number[] {
  const n = given.length;
  const stated = given.flatMap((move, i) => (move === null ? [] : [i]));
  const own = (i: number): number => matrix[i * n + i]!;
  // Covariances left after the stated ones so far: a sweep of their rows and columns.
  const left = Float64Array.from({ length: n * n }, (_, k) => matrix[k]!);
  const moves = given.map(() => 0);
  for (const i of stated) {
    const variance = left[i * n + i]!;
    if (variance <= ALIKE * own(i)) continue;
    const surprise = given[i]! - moves[i]!;
    const column = Float64Array.from({ length: n }, (_, j) => left[j * n + i]!);
    for (let j = 0; j < n; j++) {
      moves[j]! += (column[j]! / variance) * surprise;
      for (let k = 0; k < n; k++) left[j * n + k]! -= (column[j]! * column[k]!) / variance;
    }
  }
  return moves.map((move, i) => given[i] ?? move);
}
