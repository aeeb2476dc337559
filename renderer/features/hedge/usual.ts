/** The usual ticket of the desk rules and what is chosen on the screen: the same in two shapes. */
import type { DeskRules } from '../../../main/contract/desk.ts';
import { isLimit, tickers, untouched, type Choice } from './choice.ts';

export type DeskTicket = NonNullable<DeskRules['ticket']>;
export type Chosen = Choice & { readonly level: 1 | 2 | 3 };

export const NAMES: Readonly<Record<keyof Chosen, string>> = {
  layers: 'layers',
  minTrade: 'smallest trade',
  band: 'no-trade band',
  rounding: 'whole shares',
  netting: 'accounts',
  exclude: 'ETFs left out',
  limits: 'limits per ETF',
  grossCap: 'cap on all hedges',
  format: 'format',
  orderType: 'orders',
  limitBps: 'limit distance',
  level: 'level',
};

/** What is chosen, as a rule of the desk; without what a ticket starts with anyhow. */
export function ticketOf(chosen: Chosen): DeskTicket {
  const { exclude, limits, orderType, limitBps, ...rest } = chosen;
  const other = differences(chosen, chosenOf());
  const own = Object.fromEntries(Object.entries(rest).filter(([key]) => other.includes(key as keyof Chosen)));
  return {
    ...own,
    ...(other.includes('exclude') ? { exclude: tickers(exclude) } : {}),
    ...(other.includes('limits') ? { limits: Object.entries(limits).map(([etf, dollars]) => ({ etf, dollars })) } : {}),
    ...(orderType === 'MKT' ? {} : { terms: { orderType, ...(isLimit(orderType) ? { limitBps } : {}) } }),
  };
}

/** What the screen starts with. */
export function chosenOf({ exclude, limits, terms, ...ticket }: DeskTicket = {}): Chosen {
  return {
    ...untouched(),
    level: 3,
    ...terms,
    ...ticket,
    ...(exclude ? { exclude: exclude.join(', ') } : {}),
    ...(limits ? { limits: Object.fromEntries(limits.map(({ etf, dollars }) => [etf, dollars])) } : {}),
  } as Chosen;
}

/** In which choices two tickets differ. */
export function differences(a: Chosen, b: Chosen): (keyof Chosen)[] {
  const plain = ({ exclude, limits, layers, limitBps, ...rest }: Chosen): Record<keyof Chosen, unknown> => ({
    ...rest,
    limitBps: isLimit(rest.orderType) ? limitBps : null,
    layers: [layers.market, layers.sector, layers.subsector],
    exclude: tickers(exclude).sort(),
    limits: Object.entries(limits).sort(([x], [y]) => (x < y ? -1 : 1)),
  });
  const [left, right] = [plain(a), plain(b)];
  return (Object.keys(NAMES) as (keyof Chosen)[]).filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]));
}
