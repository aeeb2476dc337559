import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseText } from './testing/harness.ts';
import { proposeIdentifier, proposeTicker } from './repair.ts';
import { isCusip, isIsin } from './symbols.ts';

describe('proposals for damaged identifiers', () => {
  it('lost leading zeros come back when the check digit fits, and only then', () => {
    expect(proposeIdentifier('cusip', '37833100', {})).toEqual(['037833100']);
    expect(proposeIdentifier('cusip', '37833101', {})).toEqual([]);
    expect(proposeIdentifier('sedol', '263494', {})).toEqual(['0263494']);
  });

  it('a number in place of a code is undone when nothing of it was lost, or when the ISIN beside holds it', () => {
    expect(proposeIdentifier('cusip', '2.31E+07', {})).toEqual([]);
    expect(proposeIdentifier('cusip', '2.31E+07', { isin: 'US0231351067' })).toEqual(['023135106']);
    expect(proposeIdentifier('cusip', '2.33E+07', { isin: 'US0231351067' })).toEqual([]);
    expect(proposeIdentifier('cusip', '2.41E+07', { isin: 'US0231351067' })).toEqual([]);
    expect(proposeIdentifier('isin', 'US0378331006', { cusip: '037833100' })).toEqual(['US0378331005']);
    expect(proposeIdentifier('isin', 'US0378331006', { cusip: '023135106' })).toEqual([]);
    expect(proposeIdentifier('isin', 'US37833100', { cusip: '037833100' })).toEqual(['US0378331005']);
  });

  it('every CUSIP that a spreadsheet can read as a number is among the proposals for what it shows', () => {
    const digit = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(fc.array(digit, { minLength: 5, maxLength: 5 }), fc.integer({ min: 0, max: 99 }), (head, tail) => {
        const body = `${head.join('')}E${String(tail).padStart(2, '0')}`;
        const code = Array.from('0123456789', (check) => body + check).find(isCusip)!;
        const digits = head.join('').replace(/^0+/, '');
        // With two decimals more digits may be lost: nothing is proposed.
        fc.pre(digits !== '' && digits.replace(/0+$/, '').length !== 3);
        const exponent = Number(code.slice(6)) + digits.length - 1;
        const mantissa = digits.replace(/0+$/, '');
        const shown = `${mantissa[0]}${mantissa.length > 1 ? `.${mantissa.slice(1)}` : ''}E+${exponent}`;
        expect(proposeIdentifier('cusip', shown, {})).toContain(code);
      }),
      { numRuns: 300 },
    );
  });

  it('tickers that became dates say what they may have been', () => {
    expect(proposeTicker('1-Mar')).toEqual(['MAR1']);
    expect(proposeTicker('Dec-05')).toEqual(['DEC5', 'DEC05']);
    expect(proposeTicker('5/06')).toEqual(['MAY6']);
    expect(proposeTicker('2024-03-01')).toEqual(['MAR1']);
    expect(proposeTicker('AAPL')).toEqual([]);
  });
});

describe('a securities file with damaged identifiers', () => {
  const HEAD = 'ticker,valid_from,isin,cusip';
  const text = [HEAD, 'AMZN,1997-05-15,US0231351067,2.31E+07', 'AAPL,1980-12-12,US0378331005,37833100', '5/06,2000-01-03,,', ''].join('\n');

  it('is refused row by row with the proposals; nothing is repaired silently', async () => {
    const { staged, issues, rejected } = await parseText('securities.csv', text);
    expect(rejected).toBe(3);
    expect(staged).toMatchObject({ kind: 'securities', rows: [] });
    expect(issues.kept.map(({ code, line, reason }) => [code, line, reason])).toEqual([
      ['spreadsheet_damage', 2, expect.stringContaining('it may have been 023135106')],
      ['spreadsheet_damage', 3, expect.stringContaining('it may have been 037833100')],
      ['bad_symbol', 4, expect.stringContaining('it may have been MAY6')],
    ]);
  });

  it('takes the repairs when they are accepted, and says so', async () => {
    const { staged, issues } = await parseText('securities.csv', text, { acceptRepairs: true });
    expect(staged).toMatchObject({ rows: [{ cusip: '023135106' }, { cusip: '037833100' }] });
    expect(issues.counts).toMatchObject({ repaired: 2 });
  });

  it('an ISIN with a wrong check digit is an error with its line, in a price file too', async () => {
    const master = await parseText('s.csv', `${HEAD}\nAAPL,1980-12-12,US0378331006,\n`);
    expect(master.issues.kept).toMatchObject([{ severity: 'error', code: 'check_digit', line: 2, column: 3 }]);
    const prices = await parseText('p.csv', 'date,isin,close\n2024-01-02,US0378331006,1\n2024-01-03,US0378331005,1\n');
    expect(prices.rejected).toBe(1);
    expect(prices.issues.kept[0]).toMatchObject({ code: 'bad_symbol', line: 2, reason: expect.stringContaining('check digit') as string });
    expect(isIsin('US0378331005')).toBe(true);
  });
});

describe('overlapping validities', () => {
  it('of one scheme, share count or map row are refused with both lines; a stated correction is none', async () => {
    const classes = [
      'ticker,sector,scheme,valid_from,valid_to',
      'A,Energy,gics,2020-01-01,2023-01-01',
      'A,Tech,gics,2022-01-01,',
      'B,Tech,gics,2020-01-01,',
      '',
    ];
    const one = await parseText('c.csv', classes.join('\n'));
    expect(one.rejected).toBe(2);
    expect(one.issues.kept).toMatchObject([
      { code: 'overlapping_validity', line: 2, reason: expect.stringContaining('2022-01-01 to 2023-01-01') as string },
      { code: 'overlapping_validity', line: 3 },
    ]);
    expect(one.staged).toMatchObject({ rows: [{ symbol: { code: 'B' } }] });
    const shares = await parseText(
      's.csv',
      'ticker,shares,valid_from,valid_to,known_from\nA,1,2020-01-01,2023-01-01,2020-01-01\nA,2,2022-01-01,,2022-02-01\n',
    );
    expect(shares.rejected).toBe(0);
  });
});
