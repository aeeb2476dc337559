/** What is said of the lines of a holdings file together: totals that differ, and lots. */
import type { EpochDay } from '../contract/units.ts';
import type { Env } from './reader.ts';
import type { HoldingLine, HoldingPosition } from './staged.ts';

export interface Total {
  readonly line: number;
  readonly account: string;
  readonly value: number;
  /** Of a file with several days. */
  readonly asOf: EpochDay | null;
}

/** A position with a multiplier has a value by now. */
const valueOf = ({ symbol, quantity, price, marketValue }: HoldingPosition): number =>
  symbol === null ? quantity!.value : (marketValue?.value ?? (price && quantity ? quantity.value * price.value : NaN));

/**
 * Compares total lines with the sum of their account (or of the file), with and without cash, with the cash alone, and with the lines since
 * the total before. `totals` in the order of the file.
 */
export function reconcile(env: Env, lines: readonly HoldingLine[], totals: readonly Total[]): void {
  const held = lines.flatMap(({ line, position }) =>
    position ? [{ line, account: position.account, cash: !position.symbol, value: valueOf(position) }] : [],
  );
  totals.forEach(({ line, account, value }, i) => {
    const own = held.filter((one) => one.account === account);
    const members = own.length > 0 ? own : held;
    const section = held.filter((one) => one.line < line && one.line > (totals[i - 1]?.line ?? 0));
    const groups = [members, members.filter(({ cash }) => !cash), members.filter(({ cash }) => cash), section];
    const sums = groups.flatMap((list, j) => (j > 0 && list.length === 0 ? [] : list.reduce((total, one) => total + one.value, 0)));
    const [nearest = NaN] = sums.filter((sum) => !Number.isNaN(sum)).sort((a, b) => Math.abs(a - value) - Math.abs(b - value));
    if (Math.abs(nearest - value) <= Math.max(1, Math.abs(value) * 5e-4)) return;
    env.log.add('warning', 'total_differs', line, 0, () => ({
      found: String(value),
      reason: Number.isNaN(sums[0])
        ? `the total ${value.toFixed(2)} cannot be checked, a line has neither value nor price`
        : `the total is ${value.toFixed(2)}, the lines add up to ${nearest.toFixed(2)}`,
      fix: 'Check that no line is missing.',
    }));
  });
}

export const lotsSaid = (lots: number): string =>
  `${lots === 1 ? '1 line is a further lot' : `${lots} lines are further lots`} of a position of the same account`;

/** Says how many lines are further lots of a position already met among those of its day. */
export function reportLots(env: Env, days: readonly (readonly HoldingLine[])[]): void {
  let lots = 0;
  for (const lines of days) {
    const seen = new Set<string>();
    for (const { position } of lines) {
      if (!position?.symbol) continue;
      const key = `${position.account}\n${position.symbol.type} ${position.symbol.code} ${position.symbol.exchange}`;
      if (seen.has(key)) lots++;
      seen.add(key);
    }
  }
  if (lots === 0) return;
  env.log.add('info', 'several_lots', 0, 0, () => ({
    reason: lotsSaid(lots),
    fix: 'Nothing to do: lots are added up.',
  }));
}
