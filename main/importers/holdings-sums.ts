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

/** Compares total lines with the sum of their account (or of the file), with and without cash, and with the cash alone. */
export function reconcile(env: Env, held: readonly HoldingPosition[], totals: readonly Total[]): void {
  for (const { line, account, value } of totals) {
    const own = held.filter((position) => position.account === account);
    const members = own.length > 0 ? own : held;
    const sum = (list: readonly HoldingPosition[]): number => list.reduce((total, position) => total + valueOf(position), 0);
    const cash = members.filter(({ symbol }) => !symbol);
    const sums = [members, members.filter(({ symbol }) => symbol), ...(cash.length > 0 ? [cash] : [])].map(sum);
    if (sums.some((total) => Number.isNaN(total) || Math.abs(total - value) <= Math.max(1, Math.abs(value) * 5e-4))) continue;
    env.log.add('warning', 'total_differs', line, 0, () => ({
      found: String(value),
      reason: `the total is ${value.toFixed(2)}, the lines add up to ${sums[0]!.toFixed(2)}`,
      fix: 'Check that no line is missing.',
    }));
  }
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
