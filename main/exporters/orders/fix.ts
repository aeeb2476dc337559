/**
 * FIX 4.2 and 4.4 order messages (broker-formats C6): one message per line, SOH after every field, LF after a message. A
 * template for a FIX engine, which stamps sequence numbers and times anew; never a session.
 */
import { cannotWrite, damaged, linesOf, spellSymbol, type Format, type ReadOrder } from './format.ts';
import type { OrderProfile } from './profile.ts';
import type { OrderField, OrderRecord } from './records.ts';

const SOH = '\u0001';
/** A place in a message: a field of the record, a fixed text, the class of a share, or the order's number in its list. */
type Slot = { readonly tag: number } & ({ readonly field: OrderField } | { readonly text: string } | { readonly is: 'class' | 'number' });

const SIDE = { BUY: '1', SELL: '2', SELL_SHORT: '5', BUY_TO_COVER: '1' } as const;
/** 114: Y asks the broker to locate, N says the customer has or assumes an easy borrow; absent unless short. */
const LOCATE = { NOT_NEEDED: '', REQUIRED: 'Y', LOCATED: 'N', ETB_ASSUMED: 'N' } as const;
/** Wait for instruction: a loaded list does not start by itself. */
const LIST_WAITS = '2';
const NO_BIDDING = '3';

/** What the writer and the reader both follow; throws `blocked` when the profile does not fit into a message. */
interface Plan {
  readonly begin: 'FIX.4.2' | 'FIX.4.4';
  readonly list: boolean;
  readonly suffix: boolean;
  readonly sender: string;
  readonly target: string;
  readonly firstSeqNum: number;
  readonly slots: readonly Slot[];
}

export function fixFormat(begin: Plan['begin'], profile: OrderProfile): Format {
  const plan = planOf(begin, profile);
  const { list, slots } = plan;
  const fields = slots.flatMap((slot) => ('field' in slot ? [slot.field] : []));
  return {
    version: 1,
    extension: 'fix',
    carries: [...fields, ...(list ? (['basket', 'time'] as const) : [])],
    spell: (field, record) => spell(field, record, begin),
    write: (records) => {
      if (records.length === 0) return '';
      if (!list) return records.map((record, index) => message(plan, 'D', index, record, render(plan, record, index))).join('');
      const baskets = new Set(records.map(({ basket }) => basket));
      if (baskets.size > 1) throw cannotWrite(`One FIX list cannot hold the sets ${[...baskets].join(', ')}.`, 'Write one set at a time.');
      const head = listHead(records[0]!.basket, records.length);
      return message(plan, 'E', 0, records[0]!, [...head, ...records.flatMap((record, index) => render(plan, record, index))]);
    },
    read: (text) => {
      const lines = linesOf(text, '\n');
      if (list && lines.length > 1) throw damaged(2, 'a second list');
      return lines.flatMap((line, index) => readMessage(plan, line, index));
    },
  };
}

function planOf(begin: Plan['begin'], { fix = {} }: OrderProfile): Plan {
  const { message: kind = 'single', senderCompId = 'HEDGEROW', targetCompId = 'BROKER', firstSeqNum = 1, handlInst = '3' } = fix;
  const { classShares = 'symbol', capacity, currency = true, text, locateIdTag } = fix;
  const list = kind === 'list';
  const is42 = begin === 'FIX.4.2';
  const rules: readonly [string, unknown, RegExp][] = [
    ['message', kind, /^(single|list)$/],
    ['senderCompId', senderCompId, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/],
    ['targetCompId', targetCompId, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/],
    ['firstSeqNum', firstSeqNum, /^[1-9][0-9]{0,8}$/],
    ['handlInst', handlInst, /^[123]$/],
    ['classShares', classShares, /^(symbol|suffix)$/],
    ['capacity', capacity ?? 'A', is42 ? /^[A-Z]$/ : /^[AGIPRW]$/],
    ['text', text ?? '', /^([A-Za-z0-9][A-Za-z0-9 .,:;%$()/_+-]{0,63})?$/],
    ['locateIdTag', locateIdTag ?? 5701, /^(?!5700$)[5-9][0-9]{3}$/],
  ];
  for (const [name, value, rule] of rules)
    if (!rule.test(String(value))) throw cannotWrite(`The FIX profile's ${name} is ${JSON.stringify(value)}.`, 'Correct the profile.');
  const slots: (Slot | null)[] = [
    { tag: 11, field: 'orderId' },
    list ? { tag: 67, is: 'number' } : null,
    { tag: 1, field: 'account' },
    { tag: 21, text: handlInst },
    { tag: 55, field: 'symbol' },
    { tag: 65, is: 'class' },
    { tag: 54, field: 'side' },
    { tag: 114, field: 'locateStatus' },
    list ? null : { tag: 60, field: 'time' },
    { tag: 38, field: 'quantity' },
    { tag: 40, field: 'orderType' },
    { tag: 44, field: 'limitPrice' },
    currency ? { tag: 15, field: 'currency' } : null,
    { tag: 59, field: 'tif' },
    capacity === undefined ? null : { tag: is42 ? 47 : 528, text: capacity },
    text === undefined ? { tag: 58, field: 'runId' } : { tag: 58, text },
    { tag: 5700, field: 'locateBroker' },
    locateIdTag === undefined ? null : { tag: locateIdTag, field: 'locateId' },
  ];
  return {
    ...{ begin, list, firstSeqNum, sender: senderCompId, target: targetCompId, suffix: classShares === 'suffix' },
    slots: slots.filter((slot) => slot !== null),
  };
}

function spell(field: OrderField, record: OrderRecord, begin: Plan['begin']): string {
  const atClose = record.orderType === 'MOC' || record.orderType === 'LOC';
  const limit = record.orderType === 'LMT' || record.orderType === 'LOC';
  switch (field) {
    case 'symbol':
      return spellSymbol(record.symbol, 'dot');
    case 'side':
      return SIDE[record.side];
    case 'locateStatus':
      return LOCATE[record.locateStatus];
    case 'time':
      return record.time
        .replace('T', '-')
        .replace('Z', '')
        .replace(/^(\d{4})-(\d{2})-/, '$1$2');
    case 'orderType':
      // At the close is a type in 4.2 and a time in force in 4.4.
      if (atClose && begin === 'FIX.4.2') return limit ? 'B' : '5';
      return limit ? '2' : '1';
    case 'tif':
      return atClose && begin === 'FIX.4.4' ? '7' : '0';
    default:
      return record[field];
  }
}

function render(plan: Plan, record: OrderRecord, index: number): string[] {
  const symbol = spell('symbol', record, plan.begin);
  const parts = plan.suffix ? /^([^.]+)\.(.+)$/.exec(symbol) : null;
  return plan.slots.flatMap((slot) => {
    let value: string;
    if ('text' in slot) value = slot.text;
    else if ('is' in slot) value = slot.is === 'number' ? String(index + 1) : (parts?.[2] ?? '');
    else value = slot.field === 'symbol' ? (parts?.[1] ?? symbol) : spell(slot.field, record, plan.begin);
    // FIX knows no empty value.
    return value === '' ? [] : [`${slot.tag}=${value}`];
  });
}

function listHead(basket: string, orders: number): string[] {
  return [`66=${basket}`, `394=${NO_BIDDING}`, `433=${LIST_WAITS}`, `68=${orders}`, `73=${orders}`];
}

function header(plan: Plan, type: string, index: number, time: string): string[] {
  return [`35=${type}`, `34=${plan.firstSeqNum + index}`, `49=${plan.sender}`, `52=${time}`, `56=${plan.target}`];
}

function message(plan: Plan, type: 'D' | 'E', index: number, record: OrderRecord, content: readonly string[]): string {
  return `${framed(plan.begin, [...header(plan, type, index, spell('time', record, plan.begin)), ...content])}\n`;
}

/** BodyLength counts from after its own SOH to before 10=; CheckSum sums all bytes before 10=. Text is ASCII, so bytes are units. */
function framed(begin: string, content: readonly string[]): string {
  const body = content.map((pair) => pair + SOH).join('');
  const start = `8=${begin}${SOH}9=${body.length}${SOH}${body}`;
  let sum = 0;
  for (let i = 0; i < start.length; i++) sum += start.charCodeAt(i);
  return `${start}10=${String(sum % 256).padStart(3, '0')}${SOH}`;
}

function readMessage(plan: Plan, line: string, index: number): ReadOrder[] {
  const fail = (what: string) => damaged(index + 1, what);
  if (!/^[ -~]*$/.test(line.replaceAll(SOH, ''))) throw fail('characters that no FIX message of this program has');
  const pairs = line.split(SOH);
  if (pairs.pop() !== '') throw fail('the message does not end with SOH');
  const content = pairs.slice(2, -1);
  if (framed(plan.begin, content) !== line) throw fail('BeginString, BodyLength or CheckSum is wrong');
  const time = content[3]?.slice(3) ?? '';
  const expect = (expected: readonly string[]): void => {
    const found = content.splice(0, expected.length);
    const off = expected.findIndex((pair, at) => pair !== found[at]);
    if (off >= 0) throw fail(`${JSON.stringify(found[off] ?? 'nothing')} instead of ${JSON.stringify(expected[off])}`);
  };
  expect(header(plan, plan.list ? 'E' : 'D', index, time));
  if (!plan.list) {
    const order = readOrder(plan, content, 0, fail, true);
    if (order.time !== time) throw fail('SendingTime and TransactTime differ');
    return [order];
  }
  const basket = content[0]?.slice(3) ?? '';
  const count = content.filter((pair) => pair.startsWith('11=')).length;
  expect(listHead(basket, count));
  return Array.from({ length: count }, (_, at) => ({ ...readOrder(plan, content, at, fail, at === count - 1), basket, time }));
}

/** Takes one order off the front of `content`. Absent fields read as empty; in another order they do not read. */
function readOrder(plan: Plan, content: string[], index: number, fail: (what: string) => Error, last: boolean): ReadOrder {
  const order: Partial<Record<OrderField, string>> = {};
  for (const slot of plan.slots) {
    const start = `${slot.tag}=`;
    const value = content[0]?.startsWith(start) ? content.shift()!.slice(start.length) : '';
    if ('field' in slot) order[slot.field] = value;
    else if ('text' in slot ? value !== slot.text : slot.is === 'number' && value !== String(index + 1))
      throw fail(`tag ${slot.tag} is ${JSON.stringify(value)}`);
    else if ('is' in slot && slot.is === 'class' && value !== '') order.symbol += `.${value}`;
  }
  if (last ? content.length > 0 : !content[0]?.startsWith('11=')) throw fail(`${JSON.stringify(content[0] ?? 'nothing')} is out of place`);
  if (!/^[1-9][0-9]{0,7}$/.test(order.quantity ?? '')) throw fail('the quantity is not a positive whole number');
  return order;
}
