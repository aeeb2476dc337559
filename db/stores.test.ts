import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochDay, SymbolId } from '../main/contract/units.ts';
import { HedgerowError } from '../main/contract/errors.ts';
import * as db from './index.ts';
import { newRun } from './testing/run.ts';
import { freshWorkspace, meta } from './testing/workspace.ts';

const day = (n: number) => n as EpochDay;
const ticker = (code: string): db.SymbolRef => ({ type: 'ticker', code });

describe('symbols', () => {
  it('keep their id; exchange and type tell them apart', () => {
    const ws = freshWorkspace();
    const refs: db.SymbolRef[] = [ticker('A'), { ...ticker('A'), exchange: 'XNYS' }, { type: 'figi', code: 'A' }, ticker('A')];
    expect([...db.findSymbols(ws, refs)]).toEqual([0, 0, 0, 0]);
    expect(db.allSymbols(ws)).toEqual([]);
    const ids = db.internSymbols(ws, refs);
    expect(ids[0]).toBe(ids[3]);
    expect(new Set(ids).size).toBe(3);
    expect(db.internSymbols(ws, refs)).toEqual(ids);
    expect(db.findSymbols(ws, refs)).toEqual(ids);
    expect(db.allSymbols(ws)[0]).toEqual({ symbolId: ids[0], type: 'ticker', code: 'A', exchange: '' });
  });
});

describe('facts', () => {
  it('come back as given, for all symbols or some', () => {
    const ws = freshWorkspace();
    const [a, b] = db.internSymbols(ws, [ticker('A'), ticker('B')]) as unknown as [SymbolId, SymbolId];
    const open = { validFrom: null, validTo: day(9), knownFrom: day(-3), line: 4 };
    const classifications = [a, b].map((symbolId) => ({ ...open, symbolId, sector: 'S', industry: null, scheme: 'gics' }));
    const actions = [b, a].map((symbolId, i) => ({
      symbolId,
      exDay: day(i),
      type: 'split' as const,
      value: 0.1,
      knownFrom: null,
      line: i,
    }));
    const shares = [{ ...open, symbolId: a, shares: 15_204_137_000 }];
    db.commitBatch(ws, meta(), (writer) => {
      writer.classifications(classifications);
      writer.actions(actions);
      writer.shares(shares);
    });
    const stamped = <T>(rows: T[]) => rows.map((row) => ({ ...row, batchId: 1 }));
    expect(db.readClassifications(ws, { revision: 1 })).toEqual(stamped(classifications));
    expect(db.readActions(ws, { revision: 1 })).toEqual(stamped(actions.toReversed()));
    expect(db.readShares(ws, { revision: 1 })).toEqual(stamped(shares));
    expect(db.readActions(ws, { revision: 1, symbolIds: Int32Array.of(b) })).toEqual(stamped(actions.slice(0, 1)));
    expect(db.readClassifications(ws, { revision: 1, symbolIds: Int32Array.of() })).toEqual([]);
  });

  it('refuse a symbol that does not exist and a type that is none', () => {
    const ws = freshWorkspace();
    const row = { symbolId: 99 as SymbolId, exDay: day(1), type: 'split' as const, value: 2, knownFrom: null, line: 1 };
    expect(() => db.commitBatch(ws, meta(), (writer) => writer.actions([row]))).toThrow(/FOREIGN KEY/);
    const [symbolId] = db.internSymbols(ws, [ticker('A')]) as unknown as [SymbolId];
    expect(() => db.commitBatch(ws, meta(), (writer) => writer.actions([{ ...row, symbolId, type: 'gift' as 'split' }]))).toThrow(/CHECK/);
    expect(db.currentRevision(ws)).toBe(0);
  });

  it('an ETF map replaces the one before; undoing it brings that back', () => {
    const ws = freshWorkspace();
    const map = (codes: string[]) =>
      db.commitBatch(ws, meta({ kind: 'etf-map' }), (writer) => {
        const ids = writer.symbols(codes.map(ticker)) as unknown as SymbolId[];
        writer.etfMap(
          codes.map((code, i) => ({
            level: 'sector',
            code,
            scheme: '',
            symbolId: ids[i]!,
            validFrom: null,
            validTo: null,
            knownFrom: null,
            line: 9 - i,
          })),
        );
      });
    map(['A', 'B']);
    map(['C']);
    const codes = (revision: number) => db.readEtfMap(ws, revision).map((row) => row.code);
    db.undoBatch(ws, 2);
    expect([0, 1, 2, 3].map(codes)).toEqual([[], ['B', 'A'], ['C'], ['B', 'A']]);
  });
});

it('the master row of an identity comes back whole', () => {
  const ws = freshWorkspace();
  const identity = {
    validFrom: day(1),
    validTo: null,
    knownFrom: day(2),
    provisional: false,
    line: 3,
    figi: 'BBG',
    isin: 'US',
    cusip: '037833100',
    sedol: '2046251',
    exchange: 'XNAS',
    name: 'Apple',
    type: 'stock',
  };
  db.commitBatch(ws, meta(), (writer) => {
    const [symbolId] = writer.symbols([ticker('AAPL')]) as unknown as [SymbolId];
    const securityId = writer.security({ provisional: false, name: 'Apple', type: 'stock' });
    writer.identity({ ...identity, securityId, symbolId });
  });
  expect(db.readIdentities(ws, { revision: 1 })).toEqual([{ ...identity, identityId: 1, batchId: 1, securityId: 1, symbolId: 1 }]);
  expect(db.readIdentities(ws, { revision: 1, symbolIds: Int32Array.of(2) })).toEqual([]);
  expect(db.readSecurities(ws, { revision: 1 })).toEqual([
    { securityId: 1, createdBatch: 1, provisional: false, name: 'Apple', type: 'stock' },
  ]);
});

it('a provisional name outlives its batch by prices stored alone, with others or joined, and by nothing else', () => {
  const ws = freshWorkspace();
  const ids = db.internSymbols(
    ws,
    Array.from({ length: 20 }, (_, i) => ticker(`T${i}`)),
  );
  const [, alone, none] = ids as unknown as SymbolId[];
  const commit = (write: (writer: db.BatchWriter) => void): number => db.commitBatch(ws, meta(), write).batchId;
  const rest = { validFrom: null, validTo: null, knownFrom: null, line: 1, figi: null, isin: null, cusip: null, sedol: null };
  const named = (): number[] => db.readIdentities(ws, { revision: db.currentRevision(ws) }).map(({ symbolId }) => symbolId);
  const first = commit((writer) =>
    ids.forEach((symbolId) =>
      writer.identity({
        ...{ ...rest, symbolId, provisional: true, exchange: null, name: null, type: null },
        securityId: writer.security({ provisional: true, name: null, type: null }),
      }),
    ),
  );
  const price = { field: 'close', values: Float64Array.of(1), known: null, anchored: false } as const;
  const byItself = commit((writer) => writer.block({ ...price, symbolId: alone!, firstSlot: 9, values: new Float64Array(65).fill(1) }));
  const days = Array.from({ length: 16 }, (_, i) =>
    commit((writer) => ids.forEach((symbolId) => symbolId !== none && writer.block({ ...price, symbolId, firstSlot: 100 + i }))),
  );
  expect(named()).toEqual([...ids]);
  db.undoBatch(ws, first);
  const left = [...ids].filter((id) => id !== none);
  expect(named()).toEqual(left);
  expect(db.joinTiles(ws)).toBe(true);
  expect(named()).toEqual(left);
  expect(db.readIdentities(ws, { revision: db.currentRevision(ws), symbolIds: Int32Array.of(none!, ids[5]!) })).toHaveLength(1);
  days.forEach((batch) => db.undoBatch(ws, batch));
  expect(named()).toEqual([alone]);
  db.undoBatch(ws, byItself);
  expect(named()).toEqual([]);
});

describe('holdings', () => {
  it('quantities are exact: a decimal text, or nothing', () => {
    expect(['1', '-0.00000001', '+12.5', '1.100000000000', '92233720368.54775807', '-92233720368.54775808'].map(db.scaleE8)).toEqual([
      100_000_000n,
      -1n,
      1_250_000_000n,
      110_000_000n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
    for (const text of ['', '1e3', '1,000', '.5', '1.', '0.000000001', '92233720368.54775808', 'NaN', ' 1'])
      expect(db.scaleE8(text)).toBeNull();
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (scaled) => {
        const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(9, '0');
        return db.scaleE8(`${scaled < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`) === scaled;
      }),
    );
  });

  const line = (n: number, change: Partial<db.NewHoldingsLine> = {}): db.NewHoldingsLine => ({
    line: n,
    disposition: 'position',
    account: '',
    ticker: 'A',
    symbolId: null,
    quantity: '1',
    price: null,
    marketValue: null,
    currency: null,
    name: null,
    cusip: null,
    isin: null,
    raw: `A,${n}`,
    kind: null,
    ...change,
  });

  it('snapshots keep every line; they are listed while their batch is in force', () => {
    const ws = freshWorkspace();
    const lines = [
      line(2, {
        account: 'Z',
        quantity: '92233720368.54775807',
        price: '1.10',
        marketValue: '2',
        currency: 'USD',
        name: 'n',
        cusip: 'c',
        isin: 'i',
        kind: 'bond',
      }),
      line(3, { account: 'B', quantity: '-0.5' }),
      line(4, { disposition: 'note', account: 'X', quantity: null, ticker: '' }),
    ];
    db.commitBatch(ws, meta({ kind: 'holdings', file: 'h.csv' }), (writer) => {
      const id = writer.snapshot({ asOf: day(20_000), source: 'ibkr' });
      writer.holdings(id, lines);
    });
    expect(db.listSnapshots(ws)).toEqual([
      {
        snapshotId: 1,
        batchId: 1,
        asOf: 20_000,
        source: 'ibkr',
        file: 'h.csv',
        importedAt: meta().importedAt,
        batchSource: meta().source,
        importDay: meta().importDay,
        positions: 2,
        accounts: ['B', 'Z'],
      },
    ]);
    const read = db.readHoldings(ws, 1);
    expect(read).toEqual(lines.map((each, i) => ({ ...each, quantityE8: [2n ** 63n - 1n, -50_000_000n, null][i] })));
    db.undoBatch(ws, 1);
    expect(db.listSnapshots(ws)).toEqual([]);
    expect(db.listSnapshots(ws, 1)).toHaveLength(1);
    expect(db.readHoldings(ws, 1)).toEqual(read);
  });

  it('counts a snapshot that takes the number of one that was never committed', () => {
    const ws = freshWorkspace();
    const commit = (accounts: readonly string[], then: () => void): unknown =>
      db.commitBatch(ws, meta({ kind: 'holdings' }), (writer) => {
        const id = writer.snapshot({ asOf: day(20_000), source: 'ibkr' });
        writer.holdings(
          id,
          accounts.map((account, i) => line(i + 1, { account })),
        );
        then();
      });
    const counted = (): unknown[] => db.everySnapshot(ws).map(({ snapshotId, positions, accounts }) => [snapshotId, positions, accounts]);
    const fail = (): never => {
      expect(db.listSnapshots(ws, 1)).toHaveLength(1);
      throw new Error('no room');
    };
    expect(() => commit(['A'], fail)).toThrow('no room');
    expect(counted()).toEqual([]);
    commit(['B', 'C'], () => undefined);
    expect(counted()).toEqual([[1, 2, ['B', 'C']]]);
    expect(counted()).toEqual([[1, 2, ['B', 'C']]]);
  });

  it('a quantity that cannot be held exactly stops the import, with its line', () => {
    const ws = freshWorkspace();
    const commit = () =>
      db.commitBatch(ws, meta(), (writer) =>
        writer.holdings(writer.snapshot({ asOf: day(1), source: '' }), [line(7, { quantity: '1.123456789' })]),
      );
    expect(commit).toThrow('Line 7: the quantity 1.123456789');
    expect(db.currentRevision(ws)).toBe(0);
  });
});

it('order sets keep what was asked and written, and stand in the journal', () => {
  const ws = freshWorkspace();
  db.commitBatch(ws, meta(), (writer) => void writer.snapshot({ asOf: day(1), source: '' }));
  const runId = db.insertRun(ws, newRun);
  const set: db.NewOrderSet = {
    createdAt: 'now',
    runId,
    snapshotId: 1,
    request: { level: 3 },
    legs: [{ etf: 'SPY' }],
    format: 'generic',
    fileName: 'o.csv',
    sha256: 's',
    manifest: {},
  };
  expect(db.insertOrderSet(ws, set)).toBe(1);
  expect(db.getOrderSet(ws, 1)).toEqual({ ...set, orderSetId: 1 });
  // The sets of a run are named without reading what they hold: one that is damaged takes no list away.
  ws.sql.exec("UPDATE order_set SET manifest = '{'");
  expect(() => db.getOrderSet(ws, 1)).toThrow();
  expect(db.orderSetsOf(ws, [runId])).toEqual([1]);
  expect(db.orderSetsOf(ws, [runId + 1])).toEqual([]);
  expect(db.getOrderSet(ws, 2)).toBeNull();
  expect(() => db.insertOrderSet(ws, { ...set, runId: 9 })).toThrow(/FOREIGN KEY/);
  expect(db.listJournal(ws).at(-1)).toMatchObject({ action: 'orders', at: 'now', detail: { sha256: 's', runId } });
});

it('findings of an undone import are not listed; the others can be dismissed with a reason', () => {
  const ws = freshWorkspace();
  const finding: db.NewFinding = { severity: 'warning', code: 'gap', subject: 'A', day: day(5), message: 'm', detail: { days: 3 } };
  db.commitBatch(ws, meta(), (writer) => writer.findings([finding]));
  db.insertFindings(ws, null, [{ ...finding, code: 'run' }]);
  expect(db.listFindings(ws)[0]).toEqual({ ...finding, findingId: 1, lookId: null, batchId: 1, dismissedReason: null, dismissedAt: null });
  db.undoBatch(ws, 1);
  db.dismissFinding(ws, 2, 'known', 'then');
  expect(db.listFindings(ws)).toMatchObject([{ code: 'run', batchId: null, dismissedReason: 'known', dismissedAt: 'then' }]);
  expect(() => db.dismissFinding(ws, 3, '')).toThrow(HedgerowError);
});

it('a dismissed finding can be put back in force; the journal keeps both', () => {
  const ws = freshWorkspace();
  db.insertFindings(ws, null, [{ severity: 'warning', code: 'gap', subject: 'A', day: day(5), message: 'm', detail: null }]);
  db.dismissFinding(ws, 1, 'known holiday', 'first');
  db.restoreFinding(ws, 1, 'second');
  expect(db.listFindings(ws)).toMatchObject([{ dismissedReason: null, dismissedAt: null }]);
  expect(db.listJournal(ws).slice(-2)).toMatchObject([
    { action: 'dismiss', at: 'first', detail: { findingId: 1, reason: 'known holiday' } },
    { action: 'restore_finding', at: 'second', detail: { findingId: 1 } },
  ]);
  expect(() => db.restoreFinding(ws, 2)).toThrow(HedgerowError);
});

describe('the journal', () => {
  const filled = () => {
    const ws = freshWorkspace();
    for (let i = 0; i < 5; i++) db.appendJournal(ws, 'note', { i }, `t${i}`);
    return ws;
  };

  it('notes commits and undos by itself and holds together', () => {
    const ws = filled();
    db.commitBatch(ws, meta(), () => {});
    db.undoBatch(ws, 1);
    expect(db.listJournal(ws).map((entry) => entry.action)).toEqual(['create', 'note', 'note', 'note', 'note', 'note', 'commit', 'undo']);
    expect(db.verifyJournal(ws)).toMatchObject({ entries: 8, brokenAt: null, head: db.listJournal(ws).at(-1)?.hash });
  });

  it('an entry written anew with a hash of its own does not fit the next one; hashes are for ever', () => {
    const ws = filled();
    const [first, second] = db.listJournal(ws);
    const hash = (at: string) =>
      createHash('sha256')
        .update(JSON.stringify([2, at, second!.action, JSON.stringify(second!.detail), first!.hash]))
        .digest('hex');
    expect([first!.prevHash, second!.hash]).toEqual(['0'.repeat(64), hash(second!.at)]);
    ws.sql.prepare("UPDATE journal SET at = 'x', hash = ? WHERE seq = 2").run(hash('x'));
    expect(db.verifyJournal(ws).brokenAt).toBe(3);
  });

  it.each([
    ['changed', "UPDATE journal SET detail = '{}' WHERE seq = 3", 3],
    ['redated', "UPDATE journal SET at = 'x' WHERE seq = 3", 3],
    ['lost', 'DELETE FROM journal WHERE seq = 3', 3],
    ['lost at the start', 'DELETE FROM journal WHERE seq = 1', 1],
    ['cut off at the end', 'DELETE FROM journal WHERE seq >= 6', 6],
    ['cut off but for its first', 'DELETE FROM journal WHERE seq > 1', 2],
    ['cut off whole', 'DELETE FROM journal', 1],
    ['put in', 'INSERT INTO journal SELECT 7, at, action, detail, prev_hash, hash FROM journal WHERE seq = 6', 7],
  ])('shows an entry that was %s', (_, text, brokenAt) => {
    const ws = filled();
    ws.sql.exec(text);
    expect(db.verifyJournal(ws).brokenAt).toBe(brokenAt);
  });

  it('misses what was cut off its end for ever, whatever is appended after; a program that keeps no end adds to it', () => {
    const ws = filled();
    ws.sql.exec('DELETE FROM journal WHERE seq > 4');
    for (const at of ['x', 'y', 'z']) {
      db.appendJournal(ws, 'note', {}, at);
      expect(db.verifyJournal(ws).brokenAt).toBe(6);
    }
    const other = filled();
    ws.sql.exec("DELETE FROM meta WHERE key = 'journalEnd'");
    expect(db.verifyJournal(ws).brokenAt).toBeNull();
    const end = db.getMeta(other, 'journalEnd');
    db.appendJournal(other, 'note', {}, 'x');
    db.setMeta(other, 'journalEnd', end);
    expect(db.verifyJournal(other)).toMatchObject({ entries: 7, brokenAt: null });
    db.appendJournal(other, 'note', {}, 'y');
    expect(db.getMeta(other, 'journalEnd')).toMatchObject({ entries: 8 });
  });
});

it('settings are replaced, never added twice', () => {
  const ws = freshWorkspace();
  db.setMeta(ws, 'k', 1);
  db.setMeta(ws, 'k', { v: 'é' });
  expect(db.getMeta(ws, 'k')).toEqual({ v: 'é' });
  expect(db.getMeta(ws, 'none')).toBeUndefined();
  expect(db.allMeta(ws)).toMatchObject({ k: { v: 'é' }, simulated: false });
  expect(() => db.setMeta(ws, 'k', undefined)).toThrow(HedgerowError);
});
