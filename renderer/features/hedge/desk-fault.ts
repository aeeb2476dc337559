/** What the program would refuse of desk rules, in the words of the form. Loaded when rules are saved: no first screen needs the schema. */
import * as v from 'valibot';
import { deskRules, type DeskRules } from '../../../main/contract/desk.ts';

const LABELS: Readonly<Record<string, string>> = {
  'caps.order': 'One order, $',
  'caps.orderShare': 'One order, as a share of net value (1 is 100 %)',
  'caps.account': 'Orders of one account, $',
  'caps.basket': 'Gross hedge, as a share of long or short value (1 is 100 %)',
  'caps.leverage': 'Gross over net value, times',
  'closeCutOff.full': 'Orders at the close until',
  'closeCutOff.half': 'On half days until',
  'emsx.SELL_SHORT': 'EMSX word for sell short',
  'emsx.BUY_TO_COVER': 'EMSX word for buy to cover',
  'fix.senderCompId': 'FIX SenderCompID',
  'fix.targetCompId': 'FIX TargetCompID',
};

/** The first thing wrong with what a form holds; null: nothing. */
export function faultOf(rules: DeskRules): string | null {
  const { issues } = v.safeParse(deskRules, rules);
  if (issues === undefined) return null;
  const { path = [], message } = issues[0];
  const [part, at, field] = path.map(({ key }) => key as string | number);
  const where = (): string => {
    if (part === 'accounts') return `${field === 'id' ? 'Id in order files' : 'Owner'} of ${rules.accounts?.[Number(at)]?.account}`;
    if (part === 'restricted') return `Restricted list: "${rules.restricted?.[Number(at)]?.code}"`;
    if (part === 'locates') return `Locates: ${field} of "${rules.locates?.[Number(at)]?.symbol}"`;
    if (part === 'templates') return `Order layouts: the ${field} of number ${Number(at) + 1}`;
    return LABELS[`${part}.${at}`] ?? v.getDotPath(issues[0]) ?? 'The rules';
  };
  return `${where()}: ${message}.`;
}
