/** The desk rules as a form holds them, and back. */
import { parseIsoDay, whyNoDay } from '../../../main/contract/units.ts';
import type { DeskRules } from '../../../main/contract/desk.ts';

export interface Draft {
  accounts: { account: string; id: string; kind: '' | 'margin' | 'cash' | 'retirement'; owner: string; inBook: boolean }[];
  order: string;
  orderShare: string;
  account: string;
  basket: string;
  leverage: string;
  full: string;
  half: string;
  sellShort: string;
  cover: string;
  sender: string;
  target: string;
  message: 'single' | 'list';
  handling: '1' | '2' | '3';
  restricted: string;
  locates: string;
  templates: string;
}

/** 0.29 as per cent is 29, and not what binary fractions make of it. */
const number = (value: number | undefined, scale = 1): string =>
  value === undefined ? '' : String(Number((value * scale).toPrecision(15)));

/** `known`: accounts of the holdings; those the rules name beside them keep their rows. */
export function draftOf(rules: DeskRules, known: readonly string[]): Draft {
  const names = [...new Set([...known, ...(rules.accounts ?? []).map(({ account }) => account)])].sort();
  const { caps, closeCutOff, emsx, fix } = rules;
  return {
    accounts: names.map((account) => {
      const own = rules.accounts?.find((one) => one.account === account);
      return { account, id: own?.id ?? '', kind: own?.kind ?? '', owner: own?.owner ?? '', inBook: own?.inBook ?? true };
    }),
    order: number(caps?.order),
    orderShare: number(caps?.orderShare, 100),
    account: number(caps?.account),
    basket: number(caps?.basket, 100),
    leverage: number(caps?.leverage),
    full: closeCutOff?.full ?? '',
    half: closeCutOff?.half ?? '',
    sellShort: emsx?.SELL_SHORT ?? '',
    cover: emsx?.BUY_TO_COVER ?? '',
    sender: fix?.senderCompId ?? '',
    target: fix?.targetCompId ?? '',
    message: fix?.message ?? 'single',
    handling: fix?.handlInst ?? '3',
    restricted: (rules.restricted ?? []).map(({ code, kind }) => `${code} ${kind}`).join('\n'),
    locates: (rules.locates ?? [])
      .map(({ symbol, quantity, expires, broker, id, status }) =>
        [symbol, quantity, expires, ...(status === 'ETB_ASSUMED' ? ['easy to borrow'] : [broker, id])].join(', '),
      )
      .join('\n'),
    templates: rules.templates?.length ? JSON.stringify(rules.templates, null, 2) : '',
  };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * What was typed since `before`, on the rules as they are now: another window may have changed others, or brought accounts. Null where it
 * changed the same: neither may be lost without a word.
 */
export function typedOn(now: Draft, typed: Draft, before: Draft): Draft | null {
  const keys = Object.keys(now) as (keyof Draft)[];
  const clash = (mine: unknown, was: unknown, theirs: unknown): boolean => !same(mine, was) && !same(theirs, was) && !same(mine, theirs);
  if (keys.some((key) => key !== 'accounts' && clash(typed[key], before[key], now[key]))) return null;
  const fields = keys.map((key) => [key, (same(typed[key], before[key]) ? now : typed)[key]]);
  let clashes = false;
  const accounts = now.accounts.map((row) => {
    const [mine, was] = [typed, before].map((draft) => draft.accounts.find(({ account }) => account === row.account));
    if (mine !== undefined && was !== undefined && clash(mine, was, row)) clashes = true;
    return mine === undefined || same(mine, was) ? row : mine;
  });
  if (clashes) return null;
  return { ...(Object.fromEntries(fields) as unknown as Draft), accounts };
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The rules of a form on top of those it does not show; a text says what is wrong. */
export function rulesOf(draft: Draft, before: DeskRules): DeskRules | string {
  const caps: Record<string, number> = {};
  for (const [key, scale] of [
    ['order', 1],
    ['orderShare', 100],
    ['account', 1],
    ['basket', 100],
    ['leverage', 1],
  ] as const) {
    const typed = draft[key].trim();
    if (typed === '') continue;
    // A comma that parts no thousands may be meant as a decimal sign: without it the cap would be ten times as high.
    const value = /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(typed) ? Number(typed.replaceAll(',', '')) : Number(typed);
    if (!(value >= 0 && value < Infinity)) return `The cap "${draft[key]}" is not a number such as 1500000, 1,500,000 or 2.5.`;
    caps[key] = value / scale;
  }
  const restricted: NonNullable<DeskRules['restricted']> = [];
  for (const line of lines(draft.restricted)) {
    const [code = '', kind = 'restricted'] = line.split(/[\s,]+/);
    if (kind !== 'restricted' && kind !== 'no_short' && kind !== 'watch')
      return `Restricted list: "${line}" ends in none of restricted, no_short, watch.`;
    restricted.push({ code: code.toUpperCase(), kind });
  }
  const locates: NonNullable<DeskRules['locates']> = [];
  for (const line of lines(draft.locates)) {
    const [symbol = '', shares = '', expires = '', broker = '', id = ''] = line.split(',').map((part) => part.trim());
    const quantity = Number(shares.replaceAll(',', ''));
    if (symbol === '' || !Number.isInteger(quantity) || quantity < 1 || !/^\d{4}-\d{2}-\d{2}$/.test(expires))
      return `Locates: "${line}" is not symbol, shares, day (YYYY-MM-DD), broker, id.`;
    if (parseIsoDay(expires) === null) return `Locates: "${line}" has a day that there is not: ${whyNoDay(expires)}.`;
    const easy = /^easy to borrow$/i.test(broker);
    locates.push({
      symbol: symbol.toUpperCase(),
      quantity,
      expires,
      ...(easy ? { status: 'ETB_ASSUMED', broker: '', id: '' } : { status: 'LOCATED', broker, id }),
    });
  }
  let templates: unknown = [];
  try {
    if (draft.templates.trim() !== '') templates = JSON.parse(draft.templates);
  } catch (error) {
    return `Order layouts: this is no JSON list (${(error as Error).message}).`;
  }
  if (!Array.isArray(templates)) return 'Order layouts: a JSON list is wanted.';
  const accounts = draft.accounts.flatMap(({ account, id, kind, owner, inBook }) =>
    id || kind || owner || !inBook
      ? [{ account, ...(id ? { id } : {}), ...(kind ? { kind } : {}), ...(owner ? { owner } : {}), ...(inBook ? {} : { inBook }) }]
      : [],
  );
  const { emsx: _emsx, fix, closeCutOff: _cut, ...rest } = before;
  const emsx = { ...(draft.sellShort ? { SELL_SHORT: draft.sellShort } : {}), ...(draft.cover ? { BUY_TO_COVER: draft.cover } : {}) };
  const { senderCompId: _sender, targetCompId: _target, message: _message, handlInst: _handling, ...fixRest } = fix ?? {};
  const ownFix = {
    ...fixRest,
    ...(draft.sender ? { senderCompId: draft.sender } : {}),
    ...(draft.target ? { targetCompId: draft.target } : {}),
    // What a FIX file is without a word is not stored: a manifest names a profile only where it says something.
    ...(draft.message === 'list' ? { message: draft.message } : {}),
    ...(draft.handling === '3' ? {} : { handlInst: draft.handling }),
  };
  return {
    ...rest,
    accounts,
    restricted,
    locates,
    caps,
    ...(draft.full || draft.half ? { closeCutOff: { full: draft.full || '15:50', half: draft.half || '12:50' } } : {}),
    ...(Object.keys(emsx).length > 0 ? { emsx } : {}),
    ...(Object.keys(ownFix).length > 0 ? { fix: ownFix } : {}),
    templates: templates as NonNullable<DeskRules['templates']>,
  };
}
