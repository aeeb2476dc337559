import { describe, expect, it } from 'vitest';
import { preTradeChecks, type CheckContext } from './index.ts';
import { clean, FINAL, leg } from './testing/context.ts';
import { order } from './testing/sample.ts';

const of = (id: string, patch: Partial<CheckContext>) => preTradeChecks({ ...clean, ...patch }).find((check) => check.id === id)!;

/** The checks of the format notes by their number there. */
const NUMBERED: Readonly<Record<number, readonly string[]>> = {
  1: ['inputs_complete'],
  2: ['coverage'],
  3: ['holdings_age'],
  4: ['price_age', 'price_file', 'price_adjusted'],
  5: ['price_day'],
  6: ['order_cap'],
  7: ['basket_cap'],
  8: ['liquidity'],
  9: ['fat_finger'],
  10: ['side'],
  11: ['account'],
  12: ['locate'],
  13: ['rule_201'],
  14: ['short_exempt'],
  15: ['hedge_sleeve'],
  16: ['duplicate_etf'],
  17: ['netting'],
  18: ['rounding'],
  19: ['dropped'],
  20: ['no_trade_band'],
  21: ['restricted'],
  22: ['session'],
  23: ['order_terms'],
  24: ['market_order'],
  25: ['settlement'],
  26: ['ex_date'],
  27: ['tax_notes'],
  28: ['short_reporting'],
  29: ['duplicate_export', 'superseded'],
  30: ['order_ids'],
  31: ['fields'],
  32: ['formula'],
  33: ['read_back'],
  34: ['four_eyes'],
  35: ['journal'],
  36: ['dry_run'],
};

describe('checks of the set, its way out and the book under it', () => {
  const limits = { legs: [{ etf: 'XOP', account: '', reason: 'x', modelTarget: -1, target: 0 }], scale: 0.5, lost: 10, lostAlone: 40 };
  const journal = { brokenAt: null };
  const cases: readonly [string, string, Partial<CheckContext>, 'block' | 'warn' | 'inform' | null, RegExp][] = [
    ['limits that cost', 'limits', { limits }, 'warn', /keep XOP from .* to 50\.0 %: \$10\.00 .* \(\$40\.00 if nothing stood in\)/],
    ['limits of unknown cost', 'limits', { limits: { ...limits, lost: null } }, 'warn', /cannot be told/],
    ['no limits', 'limits', { limits: null }, null, /No limit/],
    ['an account twice', 'account_twice', { twinAccounts: ['A and B hold 5 equal positions'] }, 'block', /A and B/],
    ['a total that is off', 'inputs_complete', { totalsOff: ['f.csv: the total is off.'] }, 'block', /f\.csv/],
    ['a foreign id', 'order_ids', { orders: [order({ orderId: 'ABC' })] }, 'block', /"ABC" of SPY is not one of this program/],
    ['an id twice', 'order_ids', { orders: [order(), order()] }, 'block', /is used twice/],
    ['an id of another set', 'order_ids', { process: { basket: 'H260306B7K3Q' } }, 'block', /not of set H260306B7K3Q/],
    ['ids that are taken', 'order_ids', { process: { basket: 'H260306A7K3Q', otherBaskets: ['H260306A7K3Q'] } }, 'block', /another set/],
    ['good ids', 'order_ids', { process: { basket: 'H260306A7K3Q' } }, null, /whole, unique/],
    ['a cell that could run', 'formula', { orders: [order({ reason: '=1+1' })] }, 'block', /reason is "=1\+1"/],
    // The checks of fields and terms block and say why; once is enough.
    ['a file that cannot be written', 'order_terms', { output: { format: 'emsx' } }, 'block', /no confirmed word/],
    ['nothing to read back', 'read_back', { output: { format: 'emsx' } }, null, /^Not checked.*see fields and order terms/],
    [
      'an account without an id',
      'fields',
      { orders: [order({ account: 'Roth ...995' })] },
      'block',
      /account is "Roth \.\.\.995"\. Give the account an id/,
    ],
    ...(['formula', 'order_terms', 'read_back'] as const).map((id): (typeof cases)[number] => [
      `${id} of an account without an id`,
      id,
      { orders: [order({ account: 'Roth ...995' })], output: { format: 'generic' } },
      null,
      /^Not checked.*see fields/,
    ]),
    ['a file that reads back', 'read_back', { output: { format: 'generic' } }, null, /says the same/],
    ['no format yet', 'read_back', {}, null, /^Not checked: no data on the format/],
    ['a second person, before the set is frozen', 'four_eyes', { process: { secondApprover: true } }, 'inform', /A second person/],
    ['a second person who has not come', 'four_eyes', { process: { secondApprover: true, approvedBy: [] } }, 'block', /A second person/],
    ['a second person who has', 'four_eyes', { process: { secondApprover: true, approvedBy: ['Eve'] } }, null, /Approved by Eve/],
    ['one person alone', 'four_eyes', { process: { preparedBy: 'Ann' } }, null, /Ann answers for the set alone/],
    ['a broken journal', 'journal', { process: { journal: { brokenAt: 2 } } }, 'block', /Entry 2 of the journal .*import the source files/],
    [
      'rows that were altered',
      'journal',
      { process: { journal: { brokenAt: null, altered: [{ batchId: 7, file: 'h.csv', part: 'rows' }], backup: 'B.db' } } },
      'block',
      /the rows of batch 7 \(h\.csv\)\..* Undo what is altered and import its file again\. Or: Put back the backup B\.db/,
    ],
    [
      'names that were altered',
      'journal',
      { process: { journal: { brokenAt: null, altered: [{ batchId: 7, file: 'h.csv', part: 'names' }], backup: 'B.db' } } },
      'block',
      /names of securities of batch 7 \(h\.csv\)\. .* failing\. Put back the backup B\.db/,
    ],
    ['one with a way back', 'journal', { process: { journal: { brokenAt: 2, backup: 'B.db' } } }, 'block', /Put back the backup B\.db/],
    ['a whole journal', 'journal', { process: { journal } }, null, /follows the one before/],
    ['a journal not walked', 'journal', {}, null, /^Not checked/],
    ['what will happen', 'dry_run', {}, 'inform', /ACCT01 SELLS SHORT 410 SPY: \$251,022\.50\./],
    ['an account of little worth', 'account', { accountEquity: { ACCT01: 1999 } }, 'block', /is worth \$1,999\.00/],
    [
      'an account without a name that is in debt',
      'account',
      { orders: [order({ account: '' })], accountEquity: { '': -5685.22 } },
      'block',
      /^The account without a name is worth \u2212\$5,685\.22;/,
    ],
    ['a margin account of some', 'account', { accountEquity: { ACCT01: 2000 }, accountKinds: { ACCT01: 'margin' } }, null, /may trade/],
    ['a retirement account', 'account', { accountKinds: { ACCT01: 'retirement' } }, 'block', /cannot sell short/],
    ['much for one account', 'basket_cap', { accountCap: 200_000 }, 'block', /orders of ACCT01 are \$251,022\.50, above/],
    [
      'as much as one account may, in each of two',
      'basket_cap',
      { accountCap: 251_022.5, longValue: 600_000, orders: [order(), order({ account: 'B', orderId: 'H2' })] },
      null,
      /within/,
    ],
    [
      'leverage that a smaller hedge leaves',
      'basket_cap',
      { leverageCap: 0.74, legs: [leg({ held: 300_000 })], bookValue: { gross: 1_000_000, net: 1_000_000 } },
      'block',
      /the book is \$748,977\.50 gross, 0\.75 times the net value \(limit 0\.74\)/,
    ],
    [
      'leverage that a larger short hedge adds',
      'basket_cap',
      { leverageCap: 1.25, legs: [leg({ held: -40_000 })], bookValue: { gross: 1_000_000, net: 1_000_000 } },
      'block',
      /the book is \$1,251,022\.50 gross/,
    ],
    ['leverage', 'basket_cap', { leverageCap: 2, bookValue: { gross: 1_900_000, net: 1_000_000 } }, 'block', /2\.15 times the net value/],
    [
      'leverage without a net value',
      'basket_cap',
      { leverageCap: 2, bookValue: { gross: 10, net: 0 } },
      'block',
      /without a positive net value/,
    ],
    ['leverage within', 'basket_cap', { leverageCap: 3, bookValue: { gross: 1_900_000, net: 1_000_000 } }, null, /within/],
    [
      'a limit far away',
      'fat_finger',
      { output: { format: 'generic', profile: { orderType: 'LMT', limitBps: 301 } } },
      'block',
      /301 basis points from the reference prices \(limit 300\)/,
    ],
    [
      'limits instead of market orders',
      'market_order',
      { averageVolume: { SPY: 10 }, output: { format: 'generic', profile: { orderType: 'LMT', limitBps: 10 } } },
      null,
      /^All are limit orders\.$/,
    ],
  ];
  it.each(cases)('%s', (_, id, patch, severity, message) => {
    const check = of(id, patch);
    expect([check.status === 'fail' ? check.severity : null, check.message]).toEqual([severity, expect.stringMatching(message)]);
    expect(check.final === true).toBe(severity === 'block' && FINAL.includes(id));
  });

  it('are the 36 of the format notes that can be decided here, and those on prices and limits beside them', () => {
    const ids = preTradeChecks(clean).map(({ id }) => id);
    expect(Object.keys(NUMBERED)).toEqual(Array.from({ length: 36 }, (_, i) => String(i + 1)));
    const beside = ['simulated', 'orders', 'limits', 'account_twice'];
    expect([...Object.values(NUMBERED).flat(), ...beside].sort()).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(43);
    expect(leg().modelTarget).toBe(leg().target);
  });
});
