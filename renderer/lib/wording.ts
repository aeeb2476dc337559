import { withMinus } from '../../main/contract/units.ts';
import { dated, NO_BREAK } from './format.ts';

/**
 * The core's advice is written for the command line too. On a screen a flag is a control: this is the one place that says which.
 */
const CONTROLS: Readonly<Record<string, string>> = {
  'accept-repairs': '“Accept proposed repairs”',
  'accept-restatements': '“Accept restated values”',
  as: '“Kind”',
  'date-order': '“Dates”',
  decimal: '“Decimal”',
  delimiter: '“Delimiter”',
  'each-day': '“A snapshot of each day”',
  encoding: '“Encoding”',
  exclude: '“Leave out ETFs”',
  'hedge-sleeve': 'the held hedges',
  'known-as-of': '“Known as of”',
  layout: '“Holdings layout”',
  override: 'the box “say why”',
  scheme: '“Scheme”',
  'skip-rejected': '“Import the valid rows”',
  tickers: 'the tickers',
  total: '“Value of 100 %, $”',
  value: '“Values”',
  weights: '“Weights”',
};

/** Advice with command-line flags replaced by the names of controls, days as this person writes them, a minus as screens have it and per cent beside its number. */
export function onScreen(text: string): string {
  return (
    withMinus(dated(text))
      .replace(/(?<=\d) (?=%)/g, NO_BREAK)
      .replace('Wait for it or cancel it first.', 'Wait for it, or cancel it under “running” at the top right.')
      .replace(/See "run --help" for the settings\./g, 'See Methodology for the settings.')
      // A control has the values that answer a question, in words of its own.
      .replace(/^Say which: (--[a-z-]+) \S+(?: or \1 \S+)*\.$/, 'Say which: $1.')
      .replace(/ \((--[a-z][a-z-]*)(?: [A-Z-]+)?\)/g, (_, flag: string) => ` (${name(flag)})`)
      .replace(/(--[a-z][a-z-]*)(?: (?:[A-Z][A-Z-]+\b))?/g, (_, flag: string) => name(flag))
      // Its values are in the control itself.
      .replace(/(“[^”]+”)(?: or \1)+/g, '$1')
  );
}

const name = (flag: string): string => CONTROLS[flag.slice(2)] ?? `“${flag.slice(2).replaceAll('-', ' ')}”`;
