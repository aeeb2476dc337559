/** The desk rules of a workspace: the last entry of their kind in the journal, so that who changed what stays on record. */
import type { DeskRules, OrderTerms } from '../../contract/desk.ts';
import { HedgerowError } from '../../contract/errors.ts';
import { canonicalJson, mayShort, parseTemplate, sameAccount, type OrderFormat, type OrderProfile } from '../../exporters/orders/index.ts';
import { isCusip, isFigi, isIsin } from '../../importers/index.ts';
import { entriesOf } from '../journal.ts';
import { nowIso, type Session } from '../session.ts';
import { createQueue } from '../turns.ts';
import { personOf } from './user.ts';

interface DeskDetail {
  readonly by: string;
  readonly rules: DeskRules;
}

const savedRules = (session: Session): Promise<readonly DeskRules[]> =>
  entriesOf(session, 'desk', ({ detail }) => (detail as DeskDetail).rules);

export const deskOf = async (session: Session): Promise<DeskRules> => (await savedRules(session)).at(-1) ?? {};

/** How often the rules were saved: where it is the same, so are they. */
export const deskSaves = async (session: Session): Promise<number> => (await savedRules(session)).length;

/** Each save compares with what the one before it left. */
const saving = createQueue();

/**
 * Replaces the rules; where `before` is given, only while they are those it was made from. Rejects with blocked when they are others by now,
 * with usage for an account or ETF told twice, a number that is none, or a template that cannot be used.
 */
export const setDesk = (session: Session, rules: DeskRules, by?: string, before?: DeskRules): Promise<DeskRules> =>
  saving(session, () => replaceDesk(session, rules, by, before));

async function replaceDesk(session: Session, rules: DeskRules, by: string | undefined, before: DeskRules | undefined): Promise<DeskRules> {
  once(
    rules.accounts?.map(({ account }) => account),
    'account',
  );
  once(
    rules.accounts?.flatMap(({ id }) => id?.toUpperCase() ?? []),
    'account id',
  );
  const named = rules.accounts?.filter(({ inBook }) => inBook !== false) ?? [];
  for (const { account, id } of rules.accounts ?? []) {
    const other = named.find((one) => one.account !== account && sameAccount(one.account, id));
    if (other)
      throw new HedgerowError(
        'usage',
        `The id ${id} of the account "${account}" is the name of another account of the desk rules.`,
        `If both are one account, take one of them out of the book; else correct the id.`,
      );
  }
  once(
    rules.marks?.map(({ etf }) => etf.toUpperCase()),
    'mark',
  );
  once(
    rules.templates?.map(({ name }) => name),
    'template',
  );
  for (const { code } of rules.restricted ?? []) {
    const wrong = /^[0-9A-Z]{8}\d$/i.test(code) && /\d.*\d.*\d/.test(code) && !isCusip(code.toUpperCase());
    if (wrong || (/^[A-Z]{2}[0-9A-Z]{9}\d$/i.test(code) && !isIsin(code.toUpperCase()) && !isFigi(code.toUpperCase())))
      throw new HedgerowError(
        'usage',
        `${code} of the restricted list is no ${code.length === 9 ? 'CUSIP' : 'ISIN'}: its check digit is wrong.`,
        'Correct the number, or list the ticker.',
      );
  }
  for (const template of rules.templates ?? []) parseTemplate(template);
  checkTicket(rules);
  const clean: DeskRules = {
    ...rules,
    ...(rules.marks ? { marks: rules.marks.map(({ etf, role }) => ({ etf: etf.trim().toUpperCase(), role })) } : {}),
  };
  if (before) {
    const now = await deskOf(session);
    const parts = [...new Set([...Object.keys(before), ...Object.keys(now)])] as (keyof DeskRules)[];
    const changed = parts.filter((part) => canonicalJson({ of: before[part] ?? [] }) !== canonicalJson({ of: now[part] ?? [] }));
    if (changed.length > 0)
      throw new HedgerowError(
        'blocked',
        `The desk rules were changed elsewhere since these were read (${changed.join(', ')}): saving them would take that back.`,
        'Discard the changes, or print the rules again, to see them as they are now, and make yours again; nothing was saved.',
      );
  }
  const detail: DeskDetail = { by: personOf(by), rules: clean };
  await session.writer.call('appendJournal', { action: 'desk', detail, at: nowIso(session.environment) });
  return clean;
}

/** A ticket that could not be written would stand in the way of every hedge that starts with it. */
function checkTicket({ ticket, templates }: DeskRules): void {
  once(
    ticket?.limits?.map(({ etf }) => etf.toUpperCase()),
    'limit of the usual ticket',
  );
  const { orderType, limitBps } = ticket?.terms ?? {};
  if ((orderType === 'LMT' || orderType === 'LOC') !== (limitBps !== undefined))
    throw new HedgerowError(
      'usage',
      'The usual ticket has a limit without its distance, or a distance without a limit.',
      'Give limitBps with the order types LMT and LOC, and with no other.',
    );
  const layout = ticket?.format?.startsWith('template:') ? ticket.format.slice('template:'.length) : null;
  if (layout !== null && !templates?.some(({ name }) => name === layout))
    throw new HedgerowError(
      'usage',
      `The usual ticket is written in the order layout "${layout}", which the desk rules do not have.`,
      'Add the layout, or make a usual ticket of another format on Hedge.',
    );
}

function once(names: readonly string[] | undefined, what: string): void {
  const twice = names?.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new HedgerowError('usage', `The desk rules name the ${what} "${twice}" twice.`, 'Keep one of the two.');
}

type AccountRule = NonNullable<DeskRules['accounts']>[number];

/** The rule of an account as the holdings name it: an id comes before a name. */
export const ruleOf = (desk: DeskRules, account: string): AccountRule | undefined =>
  desk.accounts?.find(({ id }) => sameAccount(account, id)) ?? desk.accounts?.find((one) => one.account === account);

/** Names, and ids, of accounts that are no part of any book. */
export const leftOut = (desk: DeskRules): string[] =>
  desk.accounts?.flatMap(({ account, id, inBook }) => (inBook === false ? [account, ...(id ? [id] : [])] : [])) ?? [];

export const accountMayShort = (desk: DeskRules, account: string): boolean => mayShort(account, ruleOf(desk, account)?.kind);

/** Accounts, of all that holdings name, that order files would name alike: one sentence each. */
export function accountClashes(desk: DeskRules, accounts: Iterable<string>): string[] {
  const out = new Set(leftOut(desk));
  const names = [...new Set(accounts)].filter((account) => !out.has(account)).sort();
  return (desk.accounts ?? []).flatMap(({ account, id }) =>
    !id || !names.includes(account)
      ? []
      : names
          .filter((other) => other !== account && sameAccount(other, id))
          .map(
            (other) =>
              `Account ${account} has the id ${id}, and the holdings have an account of the name ${other}: orders of both would go to one account. Correct the id, or take one of the two out of the book in the desk rules.`,
          ),
  );
}

/** What the order file is written with: terms of the export on top of the rules. Undefined when neither says anything. */
export function profileOf(desk: DeskRules, format: OrderFormat, terms: OrderTerms = {}): OrderProfile | undefined {
  const template = desk.templates?.find(({ name }) => format === `template:${name}`);
  const ids = desk.accounts?.flatMap(({ account, id }) => (id ? [[account, id] as const] : [])) ?? [];
  const profile: OrderProfile = {
    ...(terms.orderType ? { orderType: terms.orderType } : {}),
    ...(terms.limitBps === undefined ? {} : { limitBps: terms.limitBps }),
    ...(ids.length ? { accounts: Object.fromEntries(ids) } : {}),
    ...(desk.locates?.length ? { locates: desk.locates } : {}),
    ...(format === 'emsx' && desk.emsx ? { emsx: { sides: defined(desk.emsx) } } : {}),
    ...(format.startsWith('fix') && desk.fix ? { fix: defined(desk.fix) } : {}),
    ...(template ? { template: parseTemplate(template) } : {}),
  };
  return Object.keys(profile).length > 0 ? profile : undefined;
}

/** Without what is undefined, for shapes that have no such property. */
function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
