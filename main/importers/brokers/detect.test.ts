import { describe, expect, test } from 'vitest';
import { HedgerowError } from '../../contract/errors.ts';
import { failure, parse } from '../testing/harness.ts';
import type { Parsed } from '../staged.ts';
import { recogniseBroker } from './detect.ts';
import { samples } from './testing/corpus.ts';

const corpus = new Map(samples().map((sample) => [sample.path, new TextDecoder().decode(sample.bytes)]));
const sample = (path: string): string => corpus.get(path)!;
const schwab = sample('schwab/2025-short-option-tbill.csv');
const fidelity = sample('fidelity/2026-labels.csv');

function lines({ staged }: Parsed): string[] {
  if (staged.kind !== 'holdings') throw new Error('no holdings');
  return staged.lines.map(({ line, disposition, position }) => `${line} ${disposition} ${position?.quantity?.text ?? ''}`.trim());
}

describe('choice of the layout', () => {
  test('a changed layout asks instead of guessing, and says what is missing', async () => {
    const { data } = await failure('positions.csv', schwab.replace('Mkt Val (Market Value)', 'Worth'));
    expect(data).toMatchObject({ code: 'ambiguous', details: { flag: '--layout', options: ['schwab', 'native'] } });
    expect(data.message).toContain('it has no column mkt val (market value)');
  });

  test('two headers in one file ask; the name of the file breaks the tie', () => {
    const both = `${sample('vanguard/529.csv')}\n${fidelity}`;
    const bytes = new TextEncoder().encode(both);
    const own = recogniseBroker('Fidelity_Positions.csv', bytes, true, {});
    expect(own?.adapter.id).toBe('fidelity');
    const near = `${sample('tastytrade/few-columns.csv')}\n${sample('vanguard/529.csv')}`;
    expect(() => recogniseBroker('x.csv', new TextEncoder().encode(near), true, {})).toThrow(HedgerowError);
    expect(recogniseBroker('vanguard.csv', new TextEncoder().encode(near), true, {})?.adapter.id).toBe('vanguard');
  });

  test('the choice can be overridden', () => {
    const bytes = new TextEncoder().encode(schwab);
    expect(recogniseBroker('x.csv', bytes, true, { layout: 'native' })).toBeNull();
    expect(recogniseBroker('x.csv', bytes, true, { layout: 'merrill' })?.adapter.id).toBe('merrill');
    expect(() => recogniseBroker('x.csv', bytes, true, { layout: 'nobody' })).toThrow(/no layout nobody/);
    expect(recogniseBroker('x.csv', bytes, true, { kind: 'prices' })).toBeNull();
  });

  test('columns may come in any order, with others between them', async () => {
    const [, , , ...rows] = fidelity.split('\r\n');
    expect(rows.length).toBeGreaterThan(0);
    const text = [
      'Current value,Loaned,Symbol,CUSIP,Quantity,Account number,Account name,Last price change,Percent of account,Last price',
      '$12570.00,No,AAPL,037833100,50,Z1,Main,+$1.10,50%,$251.40',
      'Date downloaded Mar-06-2026 4:31 p.m ET',
    ].join('\r\n');
    expect(lines(await parse('view.csv', text))).toEqual(['1 header', '2 position 50', '3 note']);
  });
});

describe('judgement of lines', () => {
  test('the same account twice in one snapshot keeps every lot and says so; a line told again in the same cells is named', async () => {
    const row = fidelity.split('\r\n')[2]!;
    const lot = await parse('f.csv', fidelity.replace(row, `${row}\r\n${row.replace('Margin', 'Cash')}`));
    expect(lot.issues.counts).toEqual({ several_lots: 1 });
    const again = await parse('f.csv', fidelity.replace(row, `${row}\r\n${row}`));
    expect(again.issues.counts).toEqual({ several_lots: 1, repeated_line: 1 });
    expect(again.issues.kept.find(({ code }) => code === 'repeated_line')).toMatchObject({ severity: 'warning', line: 4 });
  });

  test('a line in the cells of another account is no repeat', async () => {
    const all = sample('schwab/2020-all-accounts.csv');
    const rows = all.split('\n');
    const parsed = await parse('s.csv', all.replace(rows[12]!, rows[4]!));
    expect(parsed.issues.counts).toEqual({ total_differs: 1 });
  });

  test.each([
    ['etrade/decoy-and-bom.csv', '38541.5,,50.22', '39541.5,,50.22'],
    ['merrill/2026.csv', '$22,193.00', '$22,293.00'],
    ['schwab/2023.csv', '$5,000.00', '$5,002.51'],
    ['ibkr-activity/lots.csv', '229366.5,84422.5', '219366.5,84422.5'],
    ['13f/thousands-submission.txt', '<tableValueTotal>20640', '<tableValueTotal>2064'],
  ])('a total that the lines do not add up to is told: %s', async (path, from, to) => {
    const text = sample(path);
    expect(text).toContain(from);
    expect((await parse(path, text)).issues.counts['total_differs']).toBeUndefined();
    expect((await parse(path, text.replace(from, to))).issues.counts['total_differs']).toBe(1);
  });

  test.each([
    ['a quantity that is no number', '"120"', '"12O"', 'not_a_number'],
    ['blanks inside a quantity', '"120"', '"1  20"', 'not_a_number'],
    ['an empty quantity', '"120"', '"--"', 'missing_value'],
    ['a value of the other sign', '"$30,168.00"', '"-$30,168.00"', 'sign_conflict'],
    ['a negative price', '"$251.40"', '"-$251.40"', 'price_not_positive'],
    ['a symbol a spreadsheet damaged', '"AAPL"', '"1-Mar"', 'bad_symbol'],
    ['text behind a quote', '"AAPL"', '"AAPL"x', 'bad_row'],
    ['a row that breaks off', /("AAPL","APPLE INC","120","\$251.40").*/, '$1', 'bad_row'],
    ['a cell too many', '"Equity"\r\n"BRK/B"', '"Equity","more"\r\n"BRK/B"', 'bad_row'],
  ])('%s rejects its line alone', async (_, from, to, code) => {
    expect(schwab.replace(from, to)).not.toBe(schwab);
    const parsed = await parse('s.csv', schwab.replace(from, to));
    expect(parsed.rejected).toBe(1);
    expect(parsed.issues.kept.filter(({ severity }) => severity === 'error').map((issue) => [issue.line, issue.code])).toEqual([[4, code]]);
    expect(lines(parsed)).toContain('5 position 15');
  });

  test('a row with cells missing in its middle is not believed', async () => {
    const parsed = await parse('s.csv', schwab.replace('"APPLE INC","120",', '"APPLE INC",'));
    expect(parsed.rejected).toBe(1);
  });

  test('a total out of line by more than a dollar and 0.05 % is a warning with the difference', async () => {
    const parsed = await parse('s.csv', schwab.replace('"$28,682.77"', '"$28,600.00"'));
    expect(parsed.issues.kept.map(({ severity, reason }) => `${severity} ${reason}`)).toEqual([
      expect.stringContaining('the total is 28600.00, the lines add up to 28682.77 (difference 82.77)'),
    ]);
    expect((await parse('s.csv', schwab.replace('"$28,682.77"', '"$28,690.00"'))).issues.kept).toEqual([]);
  });

  test('no position in a file that is not empty is an error', async () => {
    const [title, blank, header] = schwab.split('\r\n');
    expect((await failure('s.csv', [title, blank, header].join('\n'))).data.message).toContain('no position was found');
    // The same of a plain file that has its header alone, or shares of nothing.
    for (const rows of ['', 'A,AAPL,0,2026-03-06\n'])
      expect((await failure('n.csv', `account,ticker,quantity,as_of\n${rows}`)).data.message).toContain('no position was found');
  });

  test('cash alone is what an account was emptied to', async () => {
    const [title, blank, header, ...rows] = schwab.split('\r\n');
    const cash = rows.find((row) => row.includes('Cash & Cash Investments'))!;
    expect(lines(await parse('s.csv', [title, blank, header, cash].join('\r\n')))).toContainEqual(expect.stringMatching(/^4 cash/));
    for (const amount of ['5', '0'])
      expect(lines(await parse('n.csv', `account,ticker,quantity,as_of\nA,$CASH,${amount},2026-03-06\n`))).toContain(`2 cash ${amount}`);
  });

  test('a file without a day asks; one of tomorrow is refused; another day than asked is said', async () => {
    expect((await failure('v.csv', sample('vanguard/two-accounts.csv'))).data).toMatchObject({ details: { flag: '--known-as-of' } });
    // A column of days that is empty asks too, once nothing else is wrong or what is wrong is skipped.
    const undated = 'ticker,quantity,as_of\nAAPL,5,\n';
    for (const asked of [failure('n.csv', undated), failure('n.csv', `${undated}MSFT,x,\n`, { skipRejected: true })])
      expect((await asked).data).toMatchObject({ details: { flag: '--known-as-of' } });
    expect((await parse('n.csv', `${undated}MSFT,x,\n`)).rejected).toBe(1);
    expect((await failure('s.csv', schwab.replace('2026/03/06', '2027/03/06'))).data.message).toContain('after today');
    expect((await parse('s.csv', schwab, { knownAsOf: '2026-03-05' })).issues.counts).toEqual({ as_of_differs: 1 });
    const [first, second] = sample('ibkr-flex-csv/v1-plain-sections.csv').split('\n').slice(1, 3);
    const days = sample('ibkr-flex-csv/v1-plain-sections.csv').replace(first!, second!.replace('20260306', '20260305'));
    expect((await failure('f.csv', days)).data.message).toContain('of 2 days');
  });

  test('files that say how much they hold are checked', async () => {
    const control = sample('ibkr-flex-csv/v2-control.csv');
    expect((await failure('f.csv', control.replace('"EOS","POST","2"', '"EOS","POST","5"'))).data.message).toContain('says it has 5 rows');
    expect((await failure('f.csv', control.replace('"HedgePositions","1"', '"HedgePositions","2"'))).data.message).toContain('2 accounts');
    const filing = sample('13f/thousands-submission.txt');
    const cut = filing.replace('<tableEntryTotal>2<', '<tableEntryTotal>3<');
    expect((await failure('f.txt', cut)).data.message).toContain('says 3 entries');
  });

  test('a line without a symbol never takes the identity of another one', async () => {
    const text = sample('ibkr-activity/repeated-headers-only-lots.csv')
      .replace('Currency,Symbol,Open,Quantity', 'Currency,Sym,Open,Quantity')
      .replace('Data,Stocks,"GOOG, GOOCV",ALPHABET', 'Data,Stocks,"GOOG, ",ALPHABET');
    const parsed = await parse('f.csv', text, { skipRejected: true });
    expect(parsed.issues.kept.filter(({ code }) => code === 'bad_symbol').map(({ line }) => line)).toEqual([9, 10, 12]);
  });

  test('an option priced per contract is told, and no longer multiplied', async () => {
    const parsed = await parse('s.csv', schwab.replace('"$11.35"', '"$1,135.00"'));
    expect(parsed.issues.kept.map(({ severity, code, line }) => [severity, code, line])).toEqual([['info', 'price_per_contract', 8]]);
    const option = parsed.staged.kind === 'holdings' && parsed.staged.lines.find(({ line }) => line === 8)!.position!;
    expect(option).toMatchObject({ price: { value: 1135 }, multiplier: { value: 1 }, marketValue: { value: -2270 } });
  });

  test.each([
    ['an option', 8, '"-$2,270.00"', '"-$3,270.00"'],
    ['a bill', 7, '"$9,841.20"', '"$5,000.00"'],
    ['a share, by a hundred as if it were a bond', 4, '"$30,168.00"', '"$301.68"'],
  ])('a value that is not quantity times price is told of %s, whose kind and multiplier stay', async (_, line, from, to) => {
    const [right, wrong] = [await parse('s.csv', schwab), await parse('s.csv', schwab.replace(from, to))];
    expect(wrong.issues.kept.filter(({ code }) => code !== 'total_differs').map((one) => [one.severity, one.code, one.line])).toEqual([
      ['warning', 'value_mismatch', line],
    ]);
    const [before, after] = [right, wrong].map(
      ({ staged }) => staged.kind === 'holdings' && staged.lines.find((own) => own.line === line)!,
    );
    expect(after).toEqual({ ...before, position: { ...(before && before.position), marketValue: after && after.position!.marketValue } });
  });

  test('an identifier with a wrong digit names nothing; a day that is none rejects its line', async () => {
    const text = sample('jpm/footnotes.csv');
    const wrong = await parse('p.csv', text.replace('AAPL,037833100', 'AAPL,037833101').replace('US0846707026', 'US0846707027'));
    expect(wrong.issues.kept.map(({ severity, code, line }) => [severity, code, line])).toEqual([
      ['warning', 'check_digit', 2],
      ['warning', 'check_digit', 3],
    ]);
    const ids =
      wrong.staged.kind === 'holdings' &&
      wrong.staged.lines.flatMap(({ position }) => (position?.symbol ? [[position.cusip, position.isin]] : []));
    expect(ids).toEqual([
      ['', 'US0378331005'],
      ['084670702', ''],
      ['', 'DE0005190003'],
    ]);
    const undated = await parse('p.csv', text.replace('03/06/2026 18:22:10,US0378331005', '13/45/2026 18:22:10,US0378331005'));
    expect([undated.rejected, undated.issues.kept.map(({ code, line, column }) => [code, line, column])]).toEqual([
      1,
      [['not_a_date', 2, 16]],
    ]);
  });

  test('cash whose amount and value have opposite signs is an error, whichever is meant', async () => {
    const text = sample('jpm/footnotes.csv').replace(',6022.11,USD,USD,', ',-6022.11,USD,USD,');
    const { issues, rejected } = await parse('p.csv', text);
    expect([rejected, issues.kept.map(({ code, line, column }) => [code, line, column])]).toEqual([1, [['sign_conflict', 5, 13]]]);
  });

  test('a wrapper around an account that is not in the file is a warning', async () => {
    const text = sample('fidelity/brokeragelink-wrapper.csv').split('\r\n');
    const parsed = await parse('f.csv', text.filter((line) => !line.startsWith('652BL')).join('\r\n'));
    expect(parsed.issues.counts).toEqual({ account_missing: 1 });
  });

  test('shares of another name under the ticker of a thinkorswim group are not shares of that ticker', async () => {
    const rows = ['Position Statement for 1 on 3/6/26 12:00:00', 'Instrument,Qty,Mark,Net Liq', 'AAPL,,,', 'APPLE INC,+10,250,2500'];
    const parsed = await parse('t.csv', [...rows, 'MICROSOFT CORP,-5,400,-2000', 'SPY,,,', 'SPDR S&P 500,+1,600,600'].join('\n'));
    expect(lines(parsed)).toEqual(['1 note', '2 header', '3 note', '4 position 10', '5 error', '6 note', '7 position 1']);
    expect(parsed.issues.counts).toEqual({ no_underlying: 1 });
  });

  test('money of an unknown currency is no dollars: a lot of a portfolio in euros, cash in a base currency', async () => {
    const currencies = ({ staged }: Parsed): unknown =>
      staged.kind === 'holdings' && staged.lines.flatMap(({ position: p }) => (p ? [[p.currency, p.marketValue?.text ?? '']] : []));
    const lots = sample('geneva/tax-lots.txt').replace('BookCurrency\tUSD', 'BookCurrency\tEuro');
    const abroad = lots.replace('United States Dollar', 'Swedish Krona').replace('"251,400.00"', '"22,000.00"');
    expect(currencies(await parse('l.txt', abroad.replace('United States Dollar', 'Long')))).toEqual([
      ['SWEDISH KRONA', ''],
      ['EUR', '50280'],
      ['USD', ''],
    ]);
    const flex = (rate: string): string =>
      [
        `ClientAccountID,CurrencyPrimary,FXRateToBase,AssetClass,Symbol,Conid,ReportDate,Position,MarkPrice,PositionValue`,
        `U1,USD,${rate},STK,AAPL,1,20260306,10,250,2500`,
        'ClientAccountID,CurrencyPrimary,EndingCash\nU1,BASE_SUMMARY,5000',
      ].join('\n');
    const [own, other, unknown] = [await parse('f.csv', flex('1')), await parse('f.csv', flex('0.9')), await parse('f.csv', flex(''))];
    expect([own, other, unknown].map((parsed) => (currencies(parsed) as string[][])[1])).toEqual([
      ['USD', '5000'],
      ['BASE_SUMMARY', '5000'],
      ['', '5000'],
    ]);
    expect([own, other, unknown].map(({ issues }) => issues.counts)).toEqual([{}, {}, { base_currency: 1 }]);
  });

  test('an account of Schwab begins at its own line, though no total ends the one before', async () => {
    const accounts = ({ staged }: Parsed): unknown =>
      staged.kind === 'holdings' && staged.lines.flatMap(({ position }) => (position?.symbol ? [position.account] : []));
    const untotalled = sample('schwab/2020-all-accounts.csv').replaceAll(/^"Account Total.*$/gm, '');
    for (const name of ['Jane, Roth_IRA ...995', 'Jane Smith Roth ...995']) {
      const parsed = await parse('s.csv', untotalled.replace('Jane, Roth_IRA ...995', name));
      expect(accounts(parsed)).toEqual(['Brokerage XXXX-1234', 'Brokerage XXXX-1234', name]);
    }
  });

  test('a section of short positions of IBKR makes its positions short, whatever the sign, and contradicts a value above 0', async () => {
    const columns = 'DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,Close Price,Value';
    const text = [
      ...['Statement,Header,Field Name,Field Value', 'Statement,Data,BrokerName,Interactive Brokers LLC'],
      ...['Statement,Data,Period,"March 6, 2026"', `Long Open Positions,Header,${columns}`],
      ...['AAPL,10,1,250,2500', 'XLE,-10,1,90,-900'].map((row) => `Long Open Positions,Data,Summary,Stocks,USD,${row}`),
      `Short Open Positions,Header,${columns}`,
      ...['SPY,-15,1,600,-9000', 'QQQ,15,1,600,-9000', 'XLK,15,1,600,9000'].map(
        (row) => `Short Open Positions,Data,Summary,Stocks,USD,${row}`,
      ),
    ];
    const parsed = await parse('a.csv', text.join('\n'));
    expect(lines(parsed).slice(3)).toEqual([
      '4 header',
      '5 position 10',
      '6 error',
      '7 header',
      '8 position -15',
      '9 position -15',
      '10 error',
    ]);
    expect(parsed.issues.counts).toEqual({ sign_conflict: 2 });
  });

  test('a letter behind a ticker in one column with its name may be a class of shares: said, unless the class is a known one', async () => {
    const [head, , labels] = sample('merrill/2026.csv').split(/\r?\n/);
    const row = (name: string): string => `"${name}","1","$10.00 03:27 PM ET","","","$10.00","","","","",""`;
    const lines = [head, '', labels, row('PBR A PETROLEO BRASILEIRO'), row('BRK B BERKSHIRE HATHAWAY'), row('XYLD GLOBAL X ETF')];
    const { issues } = await parse('m.csv', lines.join('\n'));
    expect(issues.kept.filter(({ code }) => code === 'class_unclear')).toMatchObject([
      { line: 4, severity: 'warning', reason: '"PBR A PETROLEO BRASILEIRO" is read as PBR; its A may be a class of shares' },
    ]);
  });

  test('what is an option by its words is no share: of Merrill in one column with its name, of E*TRADE in a view without values', async () => {
    const held = ({ staged }: Parsed): unknown =>
      staged.kind === 'holdings' &&
      staged.lines.flatMap(({ position: p }) =>
        p?.symbol ? [[p.symbol.code.replace(/_[^_]*$/, ''), p.quantity!.text, p.marketValue?.text]] : [],
      );
    const rest = '"--","--"';
    const row = (name: string, count: string, price: string, value: string): string =>
      `"${name}","${count}","${price}",${rest},"${value}",${rest},"--",${rest}`;
    const [head, , labels] = sample('merrill/2026.csv').split(/\r?\n/);
    const merrill = [
      ...[head, '', labels],
      row('AAPL CALL 06/18/26 $260', '1', '$11.35', '$1,135.00'),
      row('BRK B DEC 31 26 $600 CALL WEEKLY', '-1', '$5.00', '($500.00)'),
      row('XYLD GLOBAL X S&P 500 COVERED CALL 2026 ETF', '10', '$40.00', '$400.00'),
    ];
    expect(held(await parse('m.csv', merrill.join('\n')))).toEqual([
      ['AAPL260618C00260000', '1', '1135'],
      ['OPTION_BRK_B_DEC_31_2', '-1', '-500'],
      ['XYLD', '10', '400'],
    ]);
    const view = sample('etrade/other-view-no-value.csv');
    const bond = "US TREASURY BILL DUE 06/11/26,10000,98.4,1,1\nBRK B Dec 31 '26 $600 Call,-2,5,1,1\nZZZ,";
    expect(held(await parse('e.csv', view.replace('ZZZ,', bond)))).toEqual([
      ['AAPL', '15', undefined],
      ['BOND_US_TREASURY_BI', '10000', '9840'],
      ['OPTION_BRK_B_DEC_31_2', '-2', '-1000'],
    ]);
  });
});
