import { describe, expect, test } from 'vitest';
import type { DeskRules } from '../../../main/contract/desk.ts';
import { faultOf } from './desk-fault.ts';
import { draftOf, rulesOf, typedOn, type Draft } from './desk.ts';

const RULES: DeskRules = {
  accounts: [{ account: 'Roth ...995', id: 'ROTH995', kind: 'retirement' }],
  restricted: [{ code: 'QQQ', kind: 'watch' }],
  locates: [{ status: 'LOCATED', symbol: 'SPY', quantity: 410, expires: '2026-03-06', broker: 'PB', id: 'L1' }],
  caps: { order: 1000, orderShare: 0.05 },
  closeCutOff: { full: '15:45', half: '12:45' },
  emsx: { SELL_SHORT: 'SHRT' },
  fix: { message: 'list', senderCompId: 'ME', handlInst: '1', capacity: 'A' },
  templates: [{ name: 'Desk', columns: [] }],
};

describe('the form of the desk rules', () => {
  test('gives back what it was filled from, also what it does not show', () => {
    expect(rulesOf(draftOf(RULES, ['Other']), RULES)).toEqual(RULES);
  });

  test('says in its own words what the program would refuse', () => {
    const faultIn = (typed: Partial<Draft>) => faultOf(rulesOf({ ...draftOf(RULES, ['A']), ...typed }, RULES) as DeskRules);
    expect(faultIn({})).toBeNull();
    expect(faultIn({ full: '2020-' })).toBe('Orders at the close until: a time as HH:MM.');
    expect(faultIn({ sellShort: '=1' })).toBe('EMSX word for sell short: letters, digits, blanks, _ and -.');
    expect(faultIn({ leverage: '1e9' })).toBe('Gross over net value, times: at most 1000, not 1000000000.');
    const account = { account: 'A', id: 'a b', kind: '', owner: '', inBook: true } as const;
    expect(faultIn({ accounts: [account] })).toBe('Id in order files of A: letters, digits and -, at most 20.');
    expect(faultIn({ locates: `SPY, 10, 2026-03-06, ${'x'.repeat(21)}, L1` })).toBe(
      'Locates: broker of "SPY": at most 20 characters, not 21.',
    );
    expect(faultIn({ restricted: `${'Q'.repeat(40)} watch` })).toMatch(/^Restricted list: "Q{40}": at most 32 characters/);
    expect(faultIn({ templates: '[{}]' })).toBe('Order layouts: the name of number 1: is missing.');
  });

  test('shows every per cent as it was typed', () => {
    for (const typed of ['7', '29', '57', '114', '0.07', '12.345', '100000']) {
      const rules = rulesOf({ ...draftOf(RULES, []), orderShare: typed, basket: typed }, RULES) as DeskRules;
      expect(draftOf(rules, [])).toMatchObject({ orderShare: typed, basket: typed });
    }
  });

  test('keeps what another window changed meanwhile, and what was typed here', () => {
    const before = draftOf(RULES, ['A', 'B']);
    const typed: Draft = {
      ...before,
      order: '2,000',
      accounts: before.accounts.map((row) => ({ ...row, owner: row.account === 'A' ? 'me' : '' })),
    };
    const now: DeskRules = {
      ...RULES,
      caps: { order: 1000, leverage: 3 },
      accounts: [{ account: 'B', kind: 'cash' }],
      marks: [{ etf: 'QQQ', role: 'hedge' }],
    };
    expect(rulesOf(typedOn(draftOf(now, ['A', 'B', 'C']), typed, before)!, now)).toMatchObject({
      caps: { order: 2000, leverage: 3 },
      accounts: [
        { account: 'A', owner: 'me' },
        { account: 'B', kind: 'cash' },
      ],
      marks: now.marks,
    });
  });

  test('is not put on rules in which another window changed the same: neither is dropped without a word', () => {
    const before = draftOf(RULES, ['A']);
    const typed: Draft = { ...before, restricted: 'QQQ watch\nXLF restricted' };
    const theirs = (rules: DeskRules) => typedOn(draftOf(rules, ['A']), typed, before);
    expect(theirs({ ...RULES, restricted: [...RULES.restricted!, { code: 'SOXX', kind: 'restricted' }] })).toBeNull();
    expect(theirs({ ...RULES, restricted: [...RULES.restricted!, { code: 'XLF', kind: 'restricted' }] })).not.toBeNull();
    const own: Draft = { ...before, accounts: before.accounts.map((row) => ({ ...row, owner: 'me' })) };
    expect(typedOn(draftOf({ ...RULES, accounts: [{ account: 'A', owner: 'you' }] }, ['A']), own, before)).toBeNull();
  });

  test('stores no word that says what would be done without it', () => {
    const draft = { ...draftOf(RULES, []), message: 'single' as const, handling: '3' as const };
    expect(rulesOf(draft, RULES)).toMatchObject({ fix: { senderCompId: 'ME', capacity: 'A' } });
    expect(Object.keys((rulesOf(draft, RULES) as DeskRules).fix!).sort()).toEqual(['capacity', 'senderCompId']);
  });

  test.each([
    ['restricted', 'SPY nonsense', /ends in none of/],
    ['locates', 'SPY, x, 2026-03-06', /is not symbol, shares, day/],
    ['order', 'much', /is not a number/],
    ['leverage', '1,5', /is not a number/],
    ['leverage', '1.500.000', /is not a number/],
    ['order', '1e999', /is not a number/],
    ['templates', '{', /Order layouts: /],
    ['templates', '{}', /JSON list/],
  ] as const)('%s: %s is told', (field, text, said) => {
    expect(rulesOf({ ...draftOf(RULES, []), [field]: text }, RULES)).toMatch(said);
  });
});
