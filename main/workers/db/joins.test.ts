/** Joined days say what the days said one by one: panels over both stores are the same, bit for bit, at every revision. */
import { describe, expect, test } from 'vitest';
import {
  commitBatch,
  currentRevision,
  joinTiles,
  readBlocks,
  seriesExtents,
  undoBatch,
  type BatchWriter,
  type Workspace,
} from '../../../db/index.ts';
import { freshWorkspace, meta } from '../../../db/testing/workspace.ts';
import { dayOfSession, sessionAtOrAfter } from '../../calendar/index.ts';
import { parseIsoDay, slotOfDay, type EpochDay, type Session } from '../../contract/units.ts';
import { createRandom } from '../../quant/cascade/testing/market.ts';
import { returnsOfSeries } from '../panel.ts';
import { readMaster } from './master.ts';
import { buildPanel } from './panel-builder.ts';
import { rememberedQuotes } from './quotes.ts';

const CONTEXT = { progress: () => undefined, cancelled: () => false, check: () => undefined };
const SYMBOLS = 40;
const DAYS = 110;
const FIRST = sessionAtOrAfter(parseIsoDay('2015-01-02')!);
const OPEN = { validFrom: null, validTo: null, knownFrom: null, line: 1 };
const NONE = { figi: null, isin: null, cusip: null, sedol: null, exchange: null, name: null, type: null };

const dayAt = (row: number): EpochDay => dayOfSession((FIRST + row) as Session);
const slotAt = (row: number): number => slotOfDay(dayAt(row))!;

/** A store that gets a daily file a day, and at random what else comes; the same seed does the same to any store. */
function createStore(ws: Workspace, seed: number) {
  const random = createRandom(seed);
  const prices = Array.from({ length: SYMBOLS }, () => 50);
  const undoable: number[] = [];
  let ids: Int32Array = new Int32Array(0);
  const commit = (write: (writer: BatchWriter) => void): number => commitBatch(ws, meta(), write).batchId;
  commit((writer) => {
    ids = writer.symbols(prices.map((_, i) => ({ type: 'ticker' as const, code: `T${i}` })));
    ids.forEach((symbolId) =>
      writer.identity({
        ...OPEN,
        ...NONE,
        securityId: writer.security({ provisional: true, name: null, type: null }),
        symbolId: symbolId as never,
        provisional: true,
      }),
    );
    writer.etfMap([{ ...OPEN, level: 'market', code: '*', scheme: '', symbolId: ids[0]! as never }]);
    writer.classifications([{ ...OPEN, symbolId: ids[1]! as never, sector: 'A', industry: null, scheme: '' }]);
  });

  function append(day: number): void {
    const before = prices.slice();
    prices.forEach((price, i) => (prices[i] = price * (1 + 0.02 * (random() - 0.5))));
    const late = random() < 0.05 ? dayAt(day) + 3 : null;
    const firstSlot = slotAt(Math.max(0, day - 1));
    const batch = commit((writer) =>
      ids.forEach((symbolId, i) => {
        if (day < 3 * (i - 30) || random() < 0.01) return;
        const base = { symbolId, known: late };
        if (i % 3 !== 2)
          writer.block({ ...base, field: 'close', firstSlot: slotAt(day), values: Float64Array.of(prices[i]!), anchored: false });
        writer.block({ ...base, field: 'volume', firstSlot: slotAt(day), values: Float64Array.of(1e6 * random()), anchored: false });
        if (i % 3 === 1 || day === 0) return;
        const values = new Float64Array(slotAt(day) - firstSlot + 1).fill(NaN);
        // Now and then a dividend moves the base of the file.
        const moved = random() < 0.04 ? 0.99 : 1;
        values[0] = before[i]! * moved;
        values[values.length - 1] = prices[i]! * moved;
        writer.block({ ...base, field: 'adj_close', firstSlot, values, anchored: true });
        prices[i]! *= moved;
      }),
    );
    if (random() < 0.06) undoable.push(batch);
  }

  /** Values of some days back once more: of one name, of all, or a whole stretch. */
  function correct(day: number): void {
    const back = Math.max(0, day - Math.floor(random() * 40));
    const some = random() < 0.4 ? ids : ids.subarray(Math.floor(random() * SYMBOLS)).subarray(0, 1);
    const length = random() < 0.3 ? 80 : 1;
    const known = random() < 0.5 ? dayAt(day) : null;
    undoable.push(
      commit((writer) =>
        some.forEach((symbolId, i) =>
          writer.block({
            symbolId,
            field: random() < 0.5 ? 'close' : 'adj_close',
            firstSlot: slotAt(back),
            values: Float64Array.from({ length }, () => prices[i]! * (0.9 + 0.2 * random())),
            known,
            anchored: false,
          }),
        ),
      ),
    );
  }

  return (day: number): void => {
    append(day);
    if (random() < 0.08) correct(day);
    if (random() < 0.06 && undoable.length > 0) undoBatch(ws, undoable.splice(Math.floor(random() * undoable.length), 1)[0]!);
  };
}

const joined = (ws: Workspace): number => Number(ws.sql.prepare('SELECT count(*) FROM series_joined').pluck().get());

interface Asked {
  readonly revision: number;
  readonly knownAsOf: number;
  readonly knowledge: 'strict' | 'corrected';
  readonly returns: 'auto' | 'raw';
  readonly securities: readonly number[] | null;
  readonly universe?: string;
}

/** All that a panel says but the names of its store and its rooms. */
function said(ws: Workspace, { revision, knownAsOf, securities, ...how }: Asked) {
  const { panel } = buildPanel(ws, { revision, knownAsOf, settings: { schemes: [''], ...how }, securities }, CONTEXT);
  const { key: _k, basis: _b, returns: _r, stride: _s, place: _p, ...rest } = panel;
  return { ...rest, bits: panel.series.map((_, i) => new BigInt64Array(Float64Array.from(returnsOfSeries(panel, i)).buffer)) };
}

/** Last prices of all securities on a day. */
function prices(ws: Workspace, { revision, knownAsOf }: Asked) {
  const master = readMaster(ws, revision, knownAsOf);
  const found = rememberedQuotes(ws, master, { revision, knownAsOf }, knownAsOf, new Set(master.identities.securities()));
  return [...found].map(([security, { price, day, source }]) => [security, price, day, source]);
}

describe.each([1, 2])('seed %d', (seed) => {
  test('panels and extents at revisions of all ages, with undos before and after a join', { timeout: 120_000 }, () => {
    const [plain, joining] = [freshWorkspace(), freshWorkspace()];
    const [one, other] = [createStore(plain, seed), createStore(joining, seed)];
    const random = createRandom(90 + seed);
    let most = 0;
    for (let day = 0; day < DAYS; day++) {
      one(day);
      other(day);
      if (random() < 0.2) while (joinTiles(joining));
      most = Math.max(most, joined(joining));
      if (day < 30 || day % 12 !== 0) continue;
      const now = currentRevision(plain);
      for (const revision of [now, now - 1, now - 10, Math.floor(now / 2)])
        for (const knowledge of ['strict', 'corrected'] as const) {
          const asked: Asked = {
            revision,
            knownAsOf: dayAt(day - Math.floor(random() * 20)),
            knowledge,
            returns: random() < 0.7 ? 'auto' : 'raw',
            securities: random() < 0.3 ? [1, 2, 3 + Math.floor(random() * 20)] : null,
            ...(random() < 0.3 ? { universe: 'dv_10' } : {}),
          };
          expect([day, asked, said(joining, asked)]).toEqual([day, asked, said(plain, asked)]);
          expect([day, asked, prices(joining, asked)]).toEqual([day, asked, prices(plain, asked)]);
          const query = { fields: ['close', 'adj_close'] as const, revision };
          expect([...seriesExtents(joining, query)].sort()).toEqual([...seriesExtents(plain, query)].sort());
        }
    }
    while (joinTiles(joining));
    expect(most).toBeGreaterThan(SYMBOLS);
    // That they were joined at all: far fewer blocks.
    const count = (ask: { joined?: true }): number => {
      let blocks = 0;
      readBlocks(joining, { fields: ['close', 'adj_close'], symbolIds: null, revision: currentRevision(joining), ...ask }, () => blocks++);
      return blocks;
    };
    expect(count({ joined: true })).toBeLessThan(count({}) / 3);
    plain.close();
    joining.close();
  });
});

/** Days of forty names, a file a day, and what happens after the first `early` of them. */
function days(early = 0, then: (ws: Workspace) => void = () => {}): Workspace {
  const ws = freshWorkspace();
  const step = createStore(ws, 5);
  for (let day = 0; day < 60; day++) {
    if (day === early) then(ws);
    step(day);
  }
  return ws;
}

const latest = (ws: Workspace): Asked => ({
  revision: currentRevision(ws),
  knownAsOf: dayAt(59),
  knowledge: 'strict',
  returns: 'auto',
  securities: null,
});

test('a full disk leaves the days as they were; with room they are joined', () => {
  const ws = days();
  const before = said(ws, latest(ws));
  ws.sql.pragma(`max_page_count = ${Number(ws.sql.pragma('page_count', { simple: true }))}`);
  expect(() => joinTiles(ws)).toThrow(/^The disk of .* is full\.$/);
  expect(joined(ws)).toBe(0);
  expect(said(ws, latest(ws))).toEqual(before);
  ws.sql.pragma('max_page_count = 1000000');
  expect(joinTiles(ws)).toBe(true);
  expect(joined(ws)).toBeGreaterThan(0);
  expect(said(ws, latest(ws))).toEqual(before);
  ws.close();
});

test.each(['first_slot = first_slot + 1', "field = 'clase'"])(
  'a joined block altered to %s is not used: what is wrong with it is told',
  (change) => {
    const ws = days();
    while (joinTiles(ws));
    ws.sql.exec(`UPDATE series_joined SET ${change} WHERE symbol_id = 7 AND field = 'close'`);
    expect(() => said(ws, { ...latest(ws), returns: 'raw' })).toThrow(/the (close|clase) values of T6/);
    ws.close();
  },
);

test.each(['last_tile = last_tile + 12', 'first_tile = 0, last_tile = 1000', "field = iif(field = 'close', 'volume', 'close')"])(
  'joins altered to %s hide no day: the days are read, and joined anew',
  (change) => {
    const plain = days();
    const ws = days(50, (early) => {
      while (joinTiles(early));
      early.sql.exec(`UPDATE series_join SET ${change}`);
    });
    const there = said(plain, latest(plain));
    expect(said(ws, latest(ws))).toEqual(there);
    expect(joined(ws)).toBeGreaterThan(0);
    const altered = ws.sql.prepare('SELECT join_id FROM series_join').pluck().all();
    while (joinTiles(ws));
    expect(said(ws, latest(ws))).toEqual(there);
    expect(ws.sql.prepare('SELECT first_tile FROM series_join').all().length).toBe(altered.length);
    plain.close();
    ws.close();
  },
);

test('a day that is taken back right after it was joined is gone, and still there for the revision before', () => {
  const [plain, ws] = [days(), days()];
  while (joinTiles(ws));
  const [before, there] = [latest(ws), said(ws, latest(ws))];
  const inForce = 'SELECT max(batch_id) FROM series_tile JOIN batch USING (batch_id) WHERE undone_revision IS NULL';
  const last = ws.sql.prepare(`${inForce} AND batch_id <= (SELECT max(last_batch) FROM series_join)`).pluck().get() as number;
  for (const one of [plain, ws]) undoBatch(one, last);
  const gone = said(ws, latest(ws));
  expect(gone).toEqual(said(plain, latest(plain)));
  expect(gone).not.toEqual(there);
  expect(said(ws, before)).toEqual(there);
  plain.close();
  ws.close();
});
