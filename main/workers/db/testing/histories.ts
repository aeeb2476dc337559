/**
 * Generated histories of a small market, as the batches that tell them: companies renamed, tickers recycled, splits on renamed names,
 * delistings and listings again, restated prices and shares, facts and decisions learned late.
 */
import fc from 'fast-check';
import { commitBatch, type BatchWriter, type Workspace } from '../../../../db/index.ts';
import { meta } from '../../../../db/testing/workspace.ts';
import { slotOfDay, type EpochDay, type SymbolId } from '../../../contract/units.ts';
import { rowAxis } from '../../../quant/returns/index.ts';
import { sessionAtOrAfter } from '../../../calendar/index.ts';
import { parseIsoDay } from '../../../contract/units.ts';

export const ROWS = 44;
export const axis = rowAxis(sessionAtOrAfter(parseIsoDay('2024-01-02')!), ROWS);
export const dayOf = (row: number): EpochDay => axis.days[Math.max(0, Math.min(ROWS - 1, row))]! as EpochDay;

/** Tickers that companies take turns at; the last two are one share class in two spellings. */
const TICKERS = ['AA', 'BB', 'CC', 'DD.B', 'DDB'];
const ETFS = ['SPY', 'XLK', 'XLF'];
export const SYMBOLS = [...ETFS, ...TICKERS];
const COMPANIES = 4;

/** One statement, valid on rows [row, to) and known from a row on; everything in rows so that it is easy to disturb. */
export type Statement =
  | { readonly kind: 'price'; readonly symbol: number; readonly row: number; readonly value: number; readonly known: number }
  | {
      readonly kind: 'name';
      readonly company: number;
      readonly symbol: number;
      readonly row: number;
      readonly to: number | null;
      readonly known: number;
    }
  | { readonly kind: 'class'; readonly symbol: number; readonly row: number; readonly sector: string; readonly known: number }
  | { readonly kind: 'shares'; readonly symbol: number; readonly row: number; readonly shares: number; readonly known: number }
  | {
      readonly kind: 'action';
      readonly symbol: number;
      readonly row: number;
      readonly type: 'split' | 'dividend' | 'delisting';
      readonly value: number;
      readonly known: number;
    }
  | { readonly kind: 'merge'; readonly company: number; readonly other: number; readonly row: number; readonly known: number }
  | {
      readonly kind: 'assign';
      readonly company: number;
      readonly symbol: number;
      readonly row: number;
      readonly to: number | null;
      readonly known: number;
    };

export type Batch = readonly Statement[];

const row = fc.integer({ min: 0, max: ROWS - 1 });
const ticker = fc.integer({ min: ETFS.length, max: SYMBOLS.length - 1 });
const company = fc.integer({ min: 0, max: COMPANIES - 1 });
const until = fc.option(fc.integer({ min: 1, max: ROWS }), { freq: 1 });
/** Rows after its own day at which a fact is learned; mostly none. */
const lag = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }) });

/** Statements about names, classes, shares and actions, at random; prices are restated some of the time. */
const statement: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ company, symbol: ticker, row, to: until, lag })
      .map(({ lag: late, ...one }): Statement => ({ kind: 'name', ...one, known: one.row + late })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ symbol: ticker, row, sector: fc.constantFrom('Tech', 'Banks'), lag })
      .map(({ lag: late, ...one }): Statement => ({ kind: 'class', ...one, known: one.row + late })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ symbol: ticker, row, shares: fc.integer({ min: 1, max: 9 }), lag })
      .map(({ lag: late, ...one }): Statement => ({ kind: 'shares', ...one, known: one.row + late })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        symbol: ticker,
        row,
        type: fc.constantFrom('split' as const, 'dividend' as const, 'delisting' as const),
        value: fc.constantFrom(0.5, 2),
        lag,
      })
      .map(({ lag: late, value, ...one }): Statement => ({
        kind: 'action',
        ...one,
        value: one.type === 'delisting' ? value - 1 : value,
        known: one.row + late,
      })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ symbol: fc.integer({ min: 0, max: SYMBOLS.length - 1 }), row, factor: fc.integer({ min: 90, max: 110 }), lag })
      .map(({ symbol, row: at, factor, lag: late }): Statement => ({ kind: 'price', symbol, row: at, value: factor, known: at + late })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ company, other: company, row }).map((one): Statement => ({ kind: 'merge', ...one, known: one.row })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ company, symbol: ticker, row, to: until, lag })
      .map(({ lag: late, ...one }): Statement => ({ kind: 'assign', ...one, known: one.row + late })),
  },
);

/** Later batches over a market whose prices were all imported on their days. */
export const batches: fc.Arbitrary<readonly Batch[]> = fc.array(fc.array(statement, { minLength: 1, maxLength: 5 }), {
  minLength: 2,
  maxLength: 5,
});

/** Closes of the first batch: a price of every symbol on every day, the same on every machine. */
export function firstPrices(): Statement[] {
  return SYMBOLS.flatMap((_, symbol) => {
    let state = (symbol + 1) * 7919;
    let value = 100;
    return Array.from({ length: ROWS }, (__, at): Statement => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      value *= 1 + (state / 2 ** 32 - 0.5) / 20;
      return { kind: 'price', symbol, row: at, value, known: at };
    });
  });
}

/** Makes the securities, the ETF map and one provisional security per ticker, so that ids are the same in every history. */
export function begin(ws: Workspace): void {
  commitBatch(ws, meta({ sha256: 'begin' }), (writer) => {
    for (let i = 0; i < COMPANIES; i++) writer.security({ provisional: false, name: `Company ${i}`, type: null });
    const ids = writer.symbols(SYMBOLS.map((code) => ({ type: 'ticker', code })));
    SYMBOLS.forEach((code, i) => {
      // DDB has none of its own: it is DD.B in another spelling.
      if (code === 'DDB') return;
      const securityId = writer.security({ provisional: true, name: null, type: null });
      writer.identity({
        ...none,
        securityId,
        symbolId: ids[i]! as SymbolId,
        validFrom: null,
        validTo: null,
        knownFrom: null,
        provisional: true,
      });
    });
    const dated = { scheme: '', validFrom: null, validTo: null, knownFrom: null };
    writer.etfMap([
      { ...dated, level: 'market', code: '*', symbolId: ids[0]! as SymbolId, line: 2 },
      { ...dated, level: 'sector', code: 'Tech', symbolId: ids[1]! as SymbolId, line: 3 },
      { ...dated, level: 'sector', code: 'Banks', symbolId: ids[2]! as SymbolId, line: 4 },
    ]);
  });
}

const none = { line: 1, figi: null, isin: null, cusip: null, sedol: null, exchange: null, name: null, type: null };

/** Commits statements as one batch; answers its id. */
export function tell(ws: Workspace, statements: Batch): number {
  return commitBatch(ws, meta({ sha256: JSON.stringify(statements) }), (writer) => {
    const ids = writer.symbols(SYMBOLS.map((code) => ({ type: 'ticker', code })));
    const cells = new Set<string>();
    for (const one of statements) {
      // One batch says one thing of one cell; known days after the data are never reached.
      const key = JSON.stringify([
        one.kind,
        'symbol' in one ? one.symbol : 0,
        'company' in one ? one.company : 0,
        one.row,
        'type' in one ? one.type : '',
      ]);
      if (cells.has(key)) continue;
      cells.add(key);
      say(writer, one, ids);
    }
  }).batchId;
}

function say(writer: BatchWriter, one: Statement, ids: Int32Array): void {
  const validFrom = dayOf(one.row);
  const knownFrom = (one.known < ROWS ? dayOf(one.known) : 40_000) as EpochDay;
  const symbolId = ('symbol' in one ? ids[one.symbol]! : 0) as SymbolId;
  const end = 'to' in one && one.to !== null && one.to > one.row ? ((one.to < ROWS ? dayOf(one.to) : 40_000) as EpochDay) : null;
  switch (one.kind) {
    case 'price':
      return writer.block({
        symbolId,
        field: 'close',
        firstSlot: slotOfDay(validFrom)!,
        values: Float64Array.of(one.value),
        known: knownFrom,
        anchored: false,
      });
    case 'name':
      return void writer.identity({
        ...none,
        securityId: one.company + 1,
        symbolId,
        validFrom,
        validTo: end,
        knownFrom,
        provisional: false,
      });
    case 'class':
      return writer.classifications([
        { symbolId, sector: one.sector, industry: null, scheme: '', validFrom, validTo: null, knownFrom, line: 1 },
      ]);
    case 'shares':
      return writer.shares([{ symbolId, shares: one.shares, validFrom, validTo: null, knownFrom, line: 1 }]);
    case 'action':
      return writer.actions([{ symbolId, exDay: validFrom, type: one.type, value: one.value, knownFrom, line: 1 }]);
    case 'merge':
      if (one.company !== one.other)
        writer.decision({ kind: 'merge', securityId: one.company + 1, otherId: one.other + 1, knownFrom, reason: 'test' });
      return;
    case 'assign':
      return void writer.decision({
        kind: 'assign',
        securityId: one.company + 1,
        symbolId,
        validFrom,
        validTo: end,
        knownFrom,
        reason: 'test',
      });
  }
}
