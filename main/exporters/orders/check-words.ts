/** Words and numbers of the pre-trade checks. */
import type { Check, HedgeOrder } from '../../contract/results.ts';

type Severity = Check['severity'];
/** One thing found wrong; `refuse` blocks and can be overridden by nobody. */
export type Found = readonly ['refuse' | Severity, string];

/** Id, severity while it passes, message when it passes, and what was found; a text names the data it lacks. */
export type CheckRow = readonly [string, Severity, string, readonly Found[] | string];

/** What the checks of a file lack when there can be none: the check `fields` says why, once. */
export const NO_FILE = 'a file, for the orders cannot be written (see fields)';

const SHOWN = 20;

const WORST_FIRST = ['refuse', 'block', 'warn', 'inform'] as const;

export function worst(found: readonly Found[]): Pick<Check, 'severity' | 'final'> {
  const severity = WORST_FIRST.find((one) => found.some(([own]) => own === one)) ?? 'inform';
  return severity === 'refuse' ? { severity: 'block', final: true } : { severity };
}

/** The worst first, so that a long list never hides what blocks. */
export function words(found: readonly Found[]): string {
  return list(WORST_FIRST.flatMap((severity) => found.filter(([own]) => own === severity).map(([, text]) => text)));
}

export function list(items: readonly string[]): string {
  const shown = items.slice(0, SHOWN);
  const separator = items.some((item) => /[.?]$/.test(item)) ? ' ' : ', ';
  return shown.join(separator) + (items.length > SHOWN ? `${separator}and ${items.length - SHOWN} more` : '');
}

export function name(order: HedgeOrder): string {
  return `${order.side.replaceAll('_', ' ')} ${order.symbol}${order.account === '' ? '' : ` in ${order.account}`}`;
}

/** An account within a sentence. */
export const accountIn = (account: string): string => (account === '' ? 'the account without a name' : `account ${account}`);

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',').replace('-', '\u2212');

export const money = (dollars: number): string => grouped(dollars.toFixed(2)).replace(/^\u2212?/, '$&$$');

/** A number of shares, which may have a fraction. */
export const count = (shares: number): string => grouped(String(shares));

export function percent(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)} %`;
}

/** A share that is beyond a limit of whole tenths of a per cent: with the decimals it takes to tell them apart. */
export function percentBeyond(share: number, limit: number): string {
  const decimals = [1, 2, 3].find((some) => percent(share, some) !== percent(limit, some)) ?? 1;
  return percent(share, decimals);
}

/** Compared in whole cents: of $26,801.28 no binary remainder is above a cap of $26,801.28. */
export const isAtMost = (dollars: number, cap: number): boolean => Math.round(dollars * 100) <= Math.round(cap * 100);
