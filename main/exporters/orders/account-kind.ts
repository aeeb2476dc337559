/** Whether an account can sell short. */

export type AccountKind = 'margin' | 'cash' | 'retirement';

/** Words in an account's name that mean: no short sales. Between non-letters, so that MIRAGE is no IRA. */
const NO_SHORTS = /(^|[^A-Za-z])(ROTH ?IRA|IRA|ROTH|CASH|401K|401\(K\)|403B|403\(B\)|HSA)([^A-Za-z]|$)/i;

/** The kind that is laid down for it decides; without one its name does. A name that says nothing leaves it to the broker. */
export function mayShort(account: string, kind?: AccountKind): boolean {
  return kind === undefined ? !NO_SHORTS.test(account) : kind === 'margin';
}
