/** Order formats as screens call them. */
import type { OrderType } from './choice.ts';

export const FORMATS: readonly { readonly format: string; readonly label: string }[] = [
  { format: 'generic', label: 'generic CSV' },
  { format: 'ibkr-basket', label: 'IBKR BasketTrader' },
  { format: 'ems', label: 'EMS blotter' },
  { format: 'emsx', label: 'Bloomberg EMSX' },
  { format: 'fix42', label: 'FIX 4.2' },
  { format: 'fix44', label: 'FIX 4.4' },
  { format: 'alpaca', label: 'Alpaca JSON' },
  { format: 'tradier', label: 'Tradier JSON' },
];

export const labelOf = (format: string): string => FORMATS.find((one) => one.format === format)?.label ?? format.replace(/^template:/, '');

export const ORDER_TYPES: Readonly<Record<OrderType, string>> = {
  MKT: 'market',
  MOC: 'market on close',
  LMT: 'limit',
  LOC: 'limit on close',
};
