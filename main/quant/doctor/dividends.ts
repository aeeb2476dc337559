/** Dividends that are too large to be true, in cents, or listed twice; splits of an impossible size. */
import { formatIsoDay, type EpochDay } from '../../contract/units.ts';
import { percent, price, splitWords } from './ratios.ts';
import type { ActionInForce, Diagnosis, Patient, Remedy } from './types.ts';

/** Share of the price before it from which a dividend is judged by itself. */
export const LARGE = 0.25;
/** A split of more than this is a slip of the list. */
const EXTREME = 1000;
/** Ordinary payments as a share of the price. */
const ORDINARY = { from: 0.0002, to: 0.06 };
/** Calendar days within which the same amount again is the same dividend. */
const REPEATED = 5;

const iso = (day: number): string => formatIsoDay(day as EpochDay);
const isCash = ({ type }: ActionInForce): boolean => type === 'dividend' || type === 'special_dividend';

export function examineActions(patient: Patient): Diagnosis[] {
  const { actions } = patient;
  const found: Diagnosis[] = [];
  actions.forEach((action, i) => {
    if (action.type === 'split' && (action.value >= EXTREME || action.value <= 1 / EXTREME)) found.push(extreme(patient, action));
    if (!isCash(action) || !(action.value > 0)) return;
    const large = largeDividend(patient, action);
    if (large) found.push(large);
    const twin = actions
      .slice(0, i)
      .find(
        (other) =>
          isCash(other) &&
          other.value === action.value &&
          action.exDay - other.exDay <= REPEATED &&
          (other.exDay !== action.exDay || other.type !== action.type),
      );
    if (twin) found.push(listedTwice(patient, action, twin));
  });
  return found;
}

function extreme({ axis, served }: Patient, { row, exDay, value }: ActionInForce): Diagnosis {
  const asIs = served[row] ?? NaN;
  return {
    code: 'split_extreme',
    severity: 'warning',
    row: Math.min(row, axis.nRows - 1),
    rows: [],
    message: `the list has a ${splitWords(value)} split on ${iso(exDay)}.`,
    advice: 'Check the ratio: it is new shares per old share.',
    remedy: { kind: 'void_action', exDay, type: 'split' },
    asIs,
    fixed: asIs,
    sharesFactor: 1 / value,
  };
}

/** Return of the row with another amount in place of the action's; NaN when closes do not give it. */
function without({ close, actions }: Patient, action: ActionInForce, amount: number): number {
  const { row } = action;
  if (row < 1 || !(close[row]! > 0 && close[row - 1]! > 0)) return NaN;
  let [split, income] = [1, 0];
  for (const other of actions) {
    if (other.row !== row) continue;
    if (other.type === 'split') split *= other.value;
    else if (other.type !== 'merger' && other.type !== 'delisting') income += other === action ? amount : other.value;
  }
  return (split * (close[row]! + income)) / close[row - 1]! - 1;
}

function largeDividend(patient: Patient, action: ActionInForce): Diagnosis | null {
  const { close, adjusted, served } = patient;
  const { row, exDay, value, type } = action;
  const before = row > 0 ? close[row - 1]! : NaN;
  const split = patient.actions.find((other) => other.row === row && other.type === 'split')?.value ?? 1;
  const share = (value * split) / before;
  if (!(share > LARGE)) return null;
  const [paid, unpaid] = [without(patient, action, value), without(patient, action, 0)];
  const second = adjusted[row]!;
  // The price itself, and adjusted closes where there are some, say whether it was paid.
  const real =
    second === second
      ? Math.abs(second - paid) <= Math.abs(second - unpaid)
      : Math.abs(Math.log1p(paid)) < Math.abs(Math.log(Math.max(1 + unpaid, 1e-9)));
  const what = `a ${type === 'dividend' ? 'dividend' : 'special dividend'} of ${price(value)} is ${percent(share)} of the close of ${price(before)} before it`;
  if (real)
    return {
      code: 'large_dividend',
      severity: 'info',
      row,
      rows: [],
      message: `${what}, and the price fell by it (return with it ${percent(paid)}).`,
      advice: 'Nothing needs doing if it was a special payment or a return of capital.',
      remedy: null,
      asIs: served[row]!,
      fixed: served[row]!,
      sharesFactor: 1,
    };
  const cents = share / 100 >= ORDINARY.from && share / 100 <= ORDINARY.to;
  const remedy: Remedy = cents
    ? { kind: 'set_action', exDay, type, value: Number((value / 100).toPrecision(12)) }
    : { kind: 'void_action', exDay, type };
  const fixed = second === second ? served[row]! : without(patient, action, cents ? value / 100 : 0);
  return {
    code: 'dividend_wrong',
    severity: second === second ? 'warning' : 'error',
    row,
    rows: [],
    message: `${what}, but the price did not fall by it (return with it ${percent(paid)}, without ${percent(unpaid)})${cents ? '; the amount looks like cents' : ''}.`,
    advice: cents ? `Correct it to ${price(value / 100)}.` : 'Take it out of the list.',
    remedy,
    asIs: served[row]!,
    fixed,
    sharesFactor: 1,
  };
}

function listedTwice(patient: Patient, action: ActionInForce, twin: ActionInForce): Diagnosis {
  const { served, adjusted, axis } = patient;
  const row = Math.min(action.row, axis.nRows - 1);
  const asIs = served[row]!;
  return {
    code: 'dividend_twice',
    severity: 'warning',
    row,
    rows: [...new Set([twin.row, action.row])].filter((at) => at < axis.nRows),
    message: `the same payment of ${price(action.value)} is listed on ${iso(twin.exDay)} (${twin.type}) and on ${iso(action.exDay)} (${action.type}).`,
    advice: 'Take the second one out of the list if it is the same dividend.',
    remedy: { kind: 'void_action', exDay: action.exDay, type: action.type },
    asIs,
    fixed: adjusted[row] === adjusted[row] ? asIs : without(patient, action, 0),
    sharesFactor: 1,
  };
}
