import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HedgerowError } from '../../contract/errors.ts';
import type { HedgeOrder } from '../../contract/results.ts';
import { compareOrders, readOrders, writeCheckedOrders, writeOrders, type OrderFormat, type OrderProfile } from './index.ts';
import { basket, locatesFor, order, orderLists } from './testing/sample.ts';

const bars = (text: string): string => text.replaceAll('\u0001', '|');
const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    const { code, message } = (error as HedgerowError).data;
    return `${code}: ${message}`;
  }
  return 'nothing thrown';
};
const located = { status: 'LOCATED', symbol: 'SPY', quantity: 410, expires: '2026-03-06', broker: 'PBDESK', id: 'L-88213' } as const;
const desk = { senderCompId: 'HEDGEDESK', targetCompId: 'BROKERX', firstSeqNum: 2, capacity: 'A', text: 'HEDGE RUN 7K3Q' } as const;
const atClose: OrderProfile = { orderType: 'MOC', time: '2026-03-06T19:40:05.123Z', locates: [located], fix: desk };

/** From the published dictionaries: required tags per message, permitted values per version, and tags a version lacks. */
const REQUIRED: Readonly<Record<string, readonly number[]>> = {
  'FIX.4.2 D': [11, 21, 55, 54, 60, 40],
  'FIX.4.4 D': [11, 55, 54, 60, 38, 40],
  'FIX.4.2 E': [66, 394, 68, 73],
  'FIX.4.4 E': [66, 394, 68, 73],
};
const GROUP_REQUIRED: Readonly<Record<string, readonly number[]>> = { 'FIX.4.2': [11, 67, 55, 54], 'FIX.4.4': [11, 67, 54] };
const ENUMS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'FIX.4.2': { 21: '123', 22: '12345678', 40: '123456789ABCDEFGHIP', 54: '123456789', 59: '0123456', 114: 'YN', 394: '123', 433: '12' },
  'FIX.4.4': {
    21: '123',
    40: '123469DEGIJKLMP',
    54: '123456789ABCDEFG',
    59: '01234567',
    114: 'YN',
    394: '123',
    433: '12345',
    528: 'AGIPRW',
  },
};
const ABSENT: Readonly<Record<string, readonly number[]>> = { 'FIX.4.2': [528, 529, 893], 'FIX.4.4': [47] };

interface Message {
  readonly type: string;
  readonly head: ReadonlyMap<number, string>;
  readonly orders: readonly ReadonlyMap<number, string>[];
}

/** Reads bytes by the specification alone: it shares nothing with the program. */
function independent(text: string, version: string): Message[] {
  const bytes = Buffer.from(text, 'utf8');
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length;) {
    const pairs: [number, string, number, number][] = [];
    do {
      const end = bytes.indexOf(1, at);
      const equals = bytes.indexOf(0x3d, at);
      expect(end).toBeGreaterThan(equals);
      const value = bytes.toString('latin1', equals + 1, end);
      expect(value).not.toBe('');
      pairs.push([Number(bytes.toString('latin1', at, equals)), value, at, end + 1]);
      at = end + 1;
    } while (pairs.at(-1)![0] !== 10);
    expect(bytes[at++]).toBe(10);
    const first = pairs[0]![2];
    const trailer = pairs.at(-1)!;
    expect(pairs.slice(0, 3).map(([tag]) => tag)).toEqual([8, 9, 35]);
    expect(pairs[0]![1]).toBe(version);
    expect(Number(pairs[1]![1])).toBe(trailer[2] - pairs[1]![3]);
    let sum = 0;
    for (const byte of bytes.subarray(first, trailer[2])) sum = (sum + byte) % 256;
    expect(trailer[1]).toBe(String(sum).padStart(3, '0'));
    const type = pairs[2]![1];
    const cut = type === 'E' ? pairs.findIndex(([tag]) => tag === 73) + 1 : 3;
    const groups: Map<number, string>[] = [];
    const head = new Map<number, string>();
    const set = (into: Map<number, string>, tag: number, value: string) => {
      expect(into.has(tag), `tag ${tag} twice`).toBe(false);
      expect(ABSENT[version]).not.toContain(tag);
      const allowed = ENUMS[version]![tag];
      if (allowed) expect(allowed.includes(value) && value.length === 1, `${tag}=${value}`).toBe(true);
      if (tag === 52 || tag === 60) expect(value).toMatch(/^\d{8}-\d{2}:\d{2}:\d{2}\.\d{3}$/);
      into.set(tag, value);
    };
    pairs.slice(0, -1).forEach(([tag, value], index) => {
      if (type === 'E' && index >= cut) {
        if (tag === 11) groups.push(new Map());
        set(groups.at(-1)!, tag, value);
      } else set(head, tag, value);
    });
    for (const tag of [34, 49, 52, 56, ...REQUIRED[`${version} ${type}`]!]) expect([...head.keys()]).toContain(tag);
    for (const group of groups) for (const tag of GROUP_REQUIRED[version]!) expect([...group.keys()]).toContain(tag);
    if (type === 'E') {
      expect([head.get(68), head.get(73)]).toEqual([String(groups.length), String(groups.length)]);
      expect(groups.map((group) => group.get(67))).toEqual(groups.map((_, index) => String(index + 1)));
    }
    messages.push({ type, head, orders: type === 'E' ? groups : [head] });
  }
  return messages;
}

const SIDES: Readonly<Record<string, string>> = { BUY: '1', SELL: '2', SELL_SHORT: '5', BUY_TO_COVER: '1' };
const VERSIONS = { fix42: 'FIX.4.2', fix44: 'FIX.4.4' } as const;

describe('FIX message files', () => {
  it('reproduce the verified messages of the format notes byte for byte', () => {
    expect(bars(writeCheckedOrders('fix42', 'R12', [order()], atClose))).toBe(
      '8=FIX.4.2|9=193|35=D|34=2|49=HEDGEDESK|52=20260306-19:40:05.123|56=BROKERX|11=H260306A7K3Q01|1=ACCT01|21=3|55=SPY|54=5|114=N|60=20260306-19:40:05.123|38=410|40=5|15=USD|59=0|47=A|58=HEDGE RUN 7K3Q|5700=PBDESK|10=027|\n',
    );
    expect(bars(writeCheckedOrders('fix44', 'R12', [order()], atClose))).toBe(
      '8=FIX.4.4|9=194|35=D|34=2|49=HEDGEDESK|52=20260306-19:40:05.123|56=BROKERX|11=H260306A7K3Q01|1=ACCT01|21=3|55=SPY|54=5|114=N|60=20260306-19:40:05.123|38=410|40=1|15=USD|59=7|528=A|58=HEDGE RUN 7K3Q|5700=PBDESK|10=085|\n',
    );
    const easy = { ...located, status: 'ETB_ASSUMED', broker: '', id: '' } as const;
    const list: OrderProfile = {
      ...atClose,
      locates: [easy, { ...easy, symbol: 'XLK' }],
      fix: { senderCompId: 'HEDGEDESK', targetCompId: 'BROKERX', firstSeqNum: 3, message: 'list', currency: false, text: '' },
    };
    const two = [order(), order({ orderId: 'H260306A7K3Q02', symbol: 'XLK', quantity: 185 })];
    expect(bars(writeCheckedOrders('fix42', 'R12', two, list))).toBe(
      '8=FIX.4.2|9=241|35=E|34=3|49=HEDGEDESK|52=20260306-19:40:05.123|56=BROKERX|66=H260306A7K3Q|394=3|433=2|68=2|73=2|11=H260306A7K3Q01|67=1|1=ACCT01|21=3|55=SPY|54=5|114=N|38=410|40=5|59=0|11=H260306A7K3Q02|67=2|1=ACCT01|21=3|55=XLK|54=5|114=N|38=185|40=5|59=0|10=206|\n',
    );
  });

  it("are safe without a profile: nobody's session, a stale time, handling by hand, a locate asked for", () => {
    expect(bars(writeCheckedOrders('fix42', 'R12', [order({ account: '' })]))).toMatch(
      /^8=FIX\.4\.2\|9=\d+\|35=D\|34=1\|49=HEDGEROW\|52=20260306-00:00:00\.000\|56=BROKER\|11=H260306A7K3Q01\|21=3\|55=SPY\|54=5\|114=Y\|60=20260306-00:00:00\.000\|38=410\|40=1\|15=USD\|59=0\|58=R12\|10=\d{3}\|\n$/,
    );
    const list = bars(writeCheckedOrders('fix44', 'R12', basket, { fix: { message: 'list' } }));
    expect(list).toMatch(/\|433=2\|68=5\|73=5\|/);
    expect(writeOrders('fix44', 'R12', [])).toBe('');
    expect(readOrders('fix44', '', { fix: { message: 'list' } })).toEqual([]);
  });

  it('class shares in one or two tags', () => {
    const share = [order({ symbol: 'BRK/B', side: 'BUY' })];
    expect(bars(writeCheckedOrders('fix42', 'R12', share))).toContain('|55=BRK.B|54=');
    expect(bars(writeCheckedOrders('fix42', 'R12', share, { fix: { classShares: 'suffix' } }))).toContain('|55=BRK|65=B|54=');
  });

  it('hold every order, by a reader that knows only the specification', () => {
    const profiles = fc.record({
      orderType: fc.constantFrom('MKT', 'MOC', 'LMT', 'LOC'),
      limitBps: fc.integer({ min: 0, max: 500 }),
      fix: fc.record(
        {
          message: fc.constantFrom('single', 'list'),
          classShares: fc.constantFrom('symbol', 'suffix'),
          capacity: fc.constantFrom('A', 'P'),
          text: fc.constantFrom('', 'HEDGE'),
          locateIdTag: fc.constantFrom(5701, 7001),
          firstSeqNum: fc.integer({ min: 1, max: 999_999 }),
        },
        { requiredKeys: [] },
      ),
    }) as fc.Arbitrary<OrderProfile>;
    fc.assert(
      fc.property(orderLists, profiles, fc.constantFrom('fix42', 'fix44'), fc.boolean(), (list, own, format, withLocates) => {
        const locates = withLocates ? locatesFor(list) : [];
        const profile = { ...own, locates, time: '2026-03-06T21:00:00Z' };
        const messages = independent(writeCheckedOrders(format, 'R1', list, profile), VERSIONS[format]);
        const found = new Map(messages.flatMap(({ orders }) => orders).map((tags) => [tags.get(11), tags]));
        expect(found.size).toBe(list.length);
        messages.forEach(({ head }, index) => expect(Number(head.get(34))).toBe((own.fix?.firstSeqNum ?? 1) + index));
        for (const { orderId, account, symbol, side, quantity } of list) {
          const tags = found.get(orderId)!;
          const name = tags.get(55)! + (tags.has(65) ? `.${tags.get(65)}` : '');
          expect([tags.get(1), name, tags.get(54), tags.get(38)]).toEqual([
            ...[account, symbol.replace(/[./-]/g, '.'), SIDES[side], String(quantity)],
          ]);
          // OrdType and TimeInForce by the published dictionaries: on close is a type in 4.2, a time in force in 4.4.
          const words = { MKT: ['1', '0'], LMT: ['2', '0'], MOC: ['1', '7'], LOC: ['2', '7'] }[own.orderType!];
          const older = { MKT: ['1', '0'], LMT: ['2', '0'], MOC: ['5', '0'], LOC: ['B', '0'] }[own.orderType!];
          expect([tags.get(40), tags.get(59)]).toEqual(format === 'fix42' ? older : words);
          expect(tags.has(44)).toBe(own.orderType === 'LMT' || own.orderType === 'LOC');
          if (tags.has(44)) expect(Number(tags.get(44))).toBeGreaterThan(0);
          const short = side === 'SELL_SHORT';
          expect(tags.get(114)).toBe(short ? (withLocates ? 'N' : 'Y') : undefined);
          expect(tags.get(5700)).toBe(short && withLocates ? 'PB' : undefined);
        }
      }),
    );
  });

  /** Changes a field and repairs length and checksum, as somebody who means it would. */
  const forged = (text: string, from: string, to: string): string => {
    expect(bars(text)).toContain(from);
    const body = bars(text)
      .replace(from, to)
      .replace(/^8=[^|]*\|9=\d+\|/, '')
      .replace(/10=\d{3}\|\n$/, '')
      .replaceAll('|', '\u0001');
    const start = `${bars(text).slice(0, 10).replaceAll('|', '\u0001')}9=${body.length}\u0001${body}`;
    const sum = Buffer.from(start, 'latin1').reduce((total, byte) => total + byte, 0) % 256;
    return `${start}10=${String(sum).padStart(3, '0')}\u0001\n`;
  };

  it('an altered message is found, also with its checksum repaired', () => {
    const profile: OrderProfile = { fix: { capacity: 'A' } };
    const text = writeOrders('fix42', 'R12', [order()], profile);
    const read = (altered: string) => compareOrders('fix42', 'R12', [order()], readOrders('fix42', altered, profile), profile);
    expect(forged(text, '38=410', '38=410')).toBe(text);
    expect(failure(() => read(text.replace('38=410', '38=411')))).toMatch(/data: Order file line 1: .*CheckSum/);
    expect(read(forged(text, '38=410', '38=411'))).toMatch(/quantity is 411 in the file, 410 expected/);
    expect(read(forged(text, '54=5', '54=2'))).toMatch(/side is "2" in the file, "5" expected/);
    expect(read(forged(text, '|1=ACCT01', ''))).toMatch(/account is "" in the file/);
    expect(read(forged(text, '114=Y', '114=N'))).toMatch(/locate is "N"/);
    expect(read(forged(text, '58=R12', '58=R13'))).toMatch(/run is "R13"/);
    expect(read(forged(text, '|55=SPY', '|55=XLK'))).toMatch(/symbol is "XLK"/);
    for (const [from, to] of [
      ['49=HEDGEROW', '49=HEDGEROX'],
      ['34=1|', '34=2|'],
      ['35=D', '35=F'],
      ['21=3', '21=1'],
      ['47=A', '47=P'],
      ['52=20260306', '52=20260307'],
      ['|38=410', ''],
      ['38=410|40=1', '40=1|38=410'],
      ['|58=R12', '|58=R12|58=R12'],
      ['|58=R12', '|44=5.00|58=R12'],
      ['38=410', '38=-410'],
      ['38=410', '38=410.5'],
    ] as const)
      expect(
        failure(() => read(forged(text, from, to))),
        `${from} → ${to}`,
      ).toMatch(/^data: Order file line 1/);
    const three = writeOrders('fix42', 'R12', basket, profile);
    const lines = three.split('\n');
    expect(failure(() => readOrders('fix42', [lines[0], lines[2], ...lines.slice(3)].join('\n'), profile))).toMatch(
      /line 2: "34=3" instead/,
    );
    expect(failure(() => readOrders('fix42', three.slice(0, -1), profile))).toMatch(/no line end/);
    const list: OrderProfile = { fix: { message: 'list' } };
    const listed = writeOrders('fix44', 'R12', basket, list);
    expect(failure(() => readOrders('fix44', forged(listed, '67=2', '67=3'), list))).toMatch(/tag 67 is "3"/);
    expect(failure(() => readOrders('fix44', forged(listed, '68=5', '68=6'), list))).toMatch(/"68=6" instead of "68=5"/);
    expect(failure(() => readOrders('fix44', forged(listed, '433=2', '433=1'), list))).toMatch(/"433=1" instead of "433=2"/);
    expect(compareOrders('fix44', 'R12', basket, readOrders('fix44', forged(listed, '38=7', '38=8'), list), list)).toMatch(/quantity is 8/);
  });

  it('nothing outside the whitelist gets into a message', () => {
    const write = (format: OrderFormat, patch: Partial<HedgeOrder>, profile?: OrderProfile) =>
      failure(() => writeOrders(format, 'R12', [order(patch)], profile));
    expect(write('fix42', { symbol: 'SPY\u000154=1' })).toMatch(/^blocked.*symbol/);
    expect(write('fix44', { account: 'A\u000138=9' })).toMatch(/^blocked.*account/);
    const bad: readonly [OrderProfile['fix'], string][] = [
      [{ senderCompId: 'A\u000156=X' }, 'senderCompId'],
      [{ targetCompId: '' }, 'targetCompId'],
      [{ text: 'x\u000138=1' }, 'text'],
      [{ text: 'x\n' }, 'text'],
      [{ firstSeqNum: 0 }, 'firstSeqNum'],
      [{ firstSeqNum: 1.5 }, 'firstSeqNum'],
      [{ handlInst: '4' as '3' }, 'handlInst'],
      [{ capacity: 'a' }, 'capacity'],
      [{ locateIdTag: 38 }, 'locateIdTag'],
      [{ locateIdTag: 5700 }, 'locateIdTag'],
      [{ message: 'cancel' as 'list' }, 'message'],
    ];
    for (const [fix, name] of bad) expect(write('fix42', {}, { fix: fix! })).toMatch(new RegExp(`^blocked: The FIX profile's ${name} is`));
    expect(write('fix44', {}, { fix: { capacity: 'B' } })).toMatch(/capacity/);
    expect(write('fix42', {}, { time: '2026-02-30T10:00:00Z' })).toMatch(/time is "2026-02-30/);
    expect(write('fix42', {}, { time: 'now' })).toMatch(/time is "now"/);
    const other = order({ orderId: 'X', side: 'BUY' });
    expect(failure(() => writeOrders('fix42', 'R12', [order(), other], { fix: { message: 'list' } }))).toMatch(/One FIX list/);
  });

  it('a locate that does not carry the short sale is refused', () => {
    const write = (locate: object) =>
      failure(() =>
        writeOrders('fix42', 'R12', [order(), order({ orderId: 'H2', account: 'B' })], { locates: [{ ...located, ...locate }] }),
      );
    expect(write({})).toMatch(/blocked: The locate for SPY is for 410 shares; 820 would be sold short/);
    expect(write({ quantity: 820 })).toBe('nothing thrown');
    expect(write({ quantity: NaN })).toMatch(/NaN shares/);
    expect(write({ quantity: 820, expires: '2026-03-05' })).toMatch(/expired on 2026-03-05/);
    expect(write({ quantity: 820, broker: '' })).toMatch(/locateId/);
    expect(write({ quantity: 820, broker: '=X' })).toMatch(/locateBroker is "=X"/);
    expect(failure(() => writeOrders('ems', 'R12', [order()], { locates: [located, located] }))).toMatch(/two locates/);
  });
});
