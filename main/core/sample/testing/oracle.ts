/** Straightforward recomputations for the tests: nothing here is shared with the code under test. */

/** Total returns by MODEL.md 1 on consecutive `dates`; NaN where either price is missing. */
export function totalReturns(
  dates: readonly string[],
  closes: ReadonlyMap<string, number>,
  actions: readonly Readonly<Record<string, string>>[],
): number[] {
  return dates.map((date, t) => {
    const price = closes.get(date);
    const before = t === 0 ? undefined : closes.get(dates[t - 1] as string);
    if (price === undefined || before === undefined) return NaN;
    let split = 1;
    let paid = 0;
    for (const action of actions) {
      if (action.ex_date !== date) continue;
      if (action.type === 'split') split *= Number(action.value);
      else if (action.type !== 'merger' && action.type !== 'delisting') paid += Number(action.value);
    }
    return (split * (price + paid)) / before - 1;
  });
}

/** Least squares of `y` on the columns with an intercept, on complete rows: slope and classical standard error of each column. */
export function leastSquares(y: readonly number[], columns: readonly (readonly number[])[]): { slope: number; error: number }[] {
  const k = columns.length + 1;
  const rows: number[][] = [];
  y.forEach((value, t) => {
    const row = [1, ...columns.map((column) => column[t] ?? NaN), value];
    if (row.every(Number.isFinite)) rows.push(row);
  });
  // [X'X | X'y | I], reduced to [I | b | (X'X)^-1] with pivoting.
  const matrix = Array.from({ length: k }, (_, i) => [
    ...Array.from({ length: k + 1 }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
    ...Array.from({ length: k }, (_, j) => (i === j ? 1 : 0)),
  ]);
  for (let c = 0; c < k; c++) {
    let pivot = c;
    for (let i = c + 1; i < k; i++) if (Math.abs(matrix[i]![c]!) > Math.abs(matrix[pivot]![c]!)) pivot = i;
    [matrix[c], matrix[pivot]] = [matrix[pivot]!, matrix[c]!];
    const scale = matrix[c]![c]!;
    matrix[c] = matrix[c]!.map((value) => value / scale);
    for (let i = 0; i < k; i++) {
      if (i === c) continue;
      const factor = matrix[i]![c]!;
      matrix[i] = matrix[i]!.map((value, j) => value - factor * matrix[c]![j]!);
    }
  }
  const b = matrix.map((row) => row[k]!);
  const squares = rows.reduce((sum, row) => sum + (row[k]! - b.reduce((fit, slope, i) => fit + slope * row[i]!, 0)) ** 2, 0);
  const variance = squares / (rows.length - k);
  return columns.map((_, i) => ({ slope: b[i + 1]!, error: Math.sqrt(variance * matrix[i + 1]![k + 2 + i]!) }));
}
