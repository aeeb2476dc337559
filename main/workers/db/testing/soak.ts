/** A store that lives: days are appended, values corrected and batches taken back at random; every state can be compared with a bulk build. */
import { commitBatch, undoBatch, type BatchMeta, type BatchWriter, type NewBlock, type Workspace } from '../../../../db/index.ts';
import { dayOfSession, sessionAtOrAfter } from '../../../calendar/index.ts';
import { parseIsoDay, slotOfDay, type EpochDay, type Session } from '../../../contract/units.ts';
import { createNoise, createRandom } from '../../../quant/cascade/testing/market.ts';

export const MARKET = ['MKT', 'SEA', 'SEB', 'SUA', 'SUB', 'SUC'] as const;
const STOCKS = 14;
const META: Omit<BatchMeta, 'importDay'> = {
  kind: 'prices',
  file: 'soak.csv',
  source: 'soak',
  sha256: '',
  bytes: 0,
  importerVersion: 'soak',
  importedAt: '2026-01-05T18:00:00.000Z',
  counts: { rows: 0, new: 0, unchanged: 0, restated: 0, rebased: 0, rejected: 0, nonSession: 0 },
  report: null,
  options: {},
};
/** Names with adjusted closes alone; the others are enough for their closes of a day to be stored side by side. */
const isAdjusted = (i: number): boolean => i % 8 === 1;
const FIRST = sessionAtOrAfter(parseIsoDay('1984-01-03')!);

export interface Soak {
  /** Appends the next day and perhaps corrects, takes back or reclassifies something; answers what it did. */
  step(): string;
  /** Day of the latest append. */
  readonly today: EpochDay;
}

export function createSoak(ws: Workspace, seed: number): Soak {
  const random = createRandom(seed);
  const noise = createNoise(seed + 1);
  const codes = [...MARKET, ...Array.from({ length: STOCKS }, (_, i) => `S${i}`)];
  const prices = codes.map(() => 50);
  const undoable: number[] = [];
  let ids: Int32Array = new Int32Array(0);
  let days = 0;
  let today = dayOfSession(FIRST as Session);
  const slotAt = (back: number): number => slotOfDay(dayOfSession((FIRST + days - back) as Session))!;
  const commit = (write: (writer: BatchWriter) => void): number => commitBatch(ws, { ...META, importDay: today }, write).batchId;
  const block = (
    symbolId: number,
    field: 'close' | 'adj_close',
    firstSlot: number,
    values: number[],
    known: number | null,
    anchored = false,
  ): NewBlock => ({
    symbolId,
    field,
    firstSlot,
    values: Float64Array.from(values),
    known,
    anchored,
  });

  commit((writer) => {
    ids = writer.symbols(codes.map((code) => ({ type: 'ticker', code })));
    const open = { validFrom: null, validTo: null, knownFrom: null, line: 1 };
    codes.forEach((_, i) => {
      const securityId = writer.security({ provisional: true, name: null, type: null });
      const none = { figi: null, isin: null, cusip: null, sedol: null, exchange: null, name: null, type: null };
      writer.identity({ ...open, ...none, securityId, symbolId: ids[i]! as never, provisional: true });
    });
    const row = (level: 'market' | 'sector' | 'subsector', code: string, etf: number) => ({
      ...open,
      level,
      code,
      scheme: '',
      symbolId: ids[etf]! as never,
    });
    writer.etfMap([
      row('market', '*', 0),
      row('sector', 'A', 1),
      row('sector', 'B', 2),
      row('subsector', 'a', 3),
      row('subsector', 'b', 4),
      row('subsector', 'c', 5),
    ]);
    writer.classifications(
      Array.from({ length: STOCKS }, (_, i) => ({
        ...open,
        symbolId: ids[MARKET.length + i]! as never,
        sector: i % 2 === 0 ? 'A' : 'B',
        industry: i % 5 === 4 ? null : 'abc'[i % 3]!,
        scheme: '',
      })),
    );
  });

  function append(): void {
    today = dayOfSession((FIRST + days) as Session);
    const market = 0.01 * noise();
    const before = prices.slice();
    codes.forEach((_, i) => (prices[i]! *= 1 + (i === 0 ? market : (0.6 + 0.05 * i) * market + 0.008 * noise())));
    const anchored = days > 0 && random() < 0.3;
    const batch = commit((writer) => {
      codes.forEach((_, i) => {
        // Some names begin later, some days are missing.
        if (i >= MARKET.length && (days < 3 * (i - MARKET.length) || random() < 0.01)) return;
        if (!isAdjusted(i)) writer.block(block(ids[i]!, 'close', slotAt(0), [prices[i]!], null));
        // A vendor's adjusted closes come with the day before, on a base of their own.
        if (i % 2 === 0 && anchored) {
          const gap = slotAt(0) - slotAt(1);
          const base = 0.5 + random();
          writer.block(
            block(
              ids[i]!,
              'adj_close',
              slotAt(1),
              [before[i]! * base, ...Array.from({ length: gap - 1 }, () => NaN), prices[i]! * base],
              null,
              true,
            ),
          );
        }
        if (isAdjusted(i)) writer.block(block(ids[i]!, 'adj_close', slotAt(0), [prices[i]!], null));
      });
    });
    days++;
    if (random() < 0.05) undoable.push(batch);
  }

  function correct(): void {
    const i = Math.floor(random() * codes.length);
    const back = 1 + Math.floor(random() * Math.min(days, 200));
    const late = random() < 0.5;
    const field = isAdjusted(i) ? 'adj_close' : 'close';
    undoable.push(
      commit((writer) => writer.block(block(ids[i]!, field, slotAt(back), [prices[i]! * (0.9 + 0.2 * random())], late ? today : null))),
    );
  }

  return {
    get today() {
      return today;
    },
    step() {
      append();
      const dice = random();
      if (dice < 0.15) return (correct(), 'corrected');
      if (dice < 0.25 && undoable.length > 0) {
        const [batch] = undoable.splice(Math.floor(random() * undoable.length), 1);
        return (undoBatch(ws, batch!), 'undone');
      }
      if (dice < 0.26) {
        const i = MARKET.length + Math.floor(random() * STOCKS);
        undoable.push(
          commit((writer) =>
            writer.classifications([
              {
                symbolId: ids[i]! as never,
                sector: random() < 0.5 ? 'A' : 'B',
                industry: 'abc'[Math.floor(random() * 3)]!,
                scheme: '',
                validFrom: today,
                validTo: null,
                knownFrom: null,
                line: 1,
              },
            ]),
          ),
        );
        return 'reclassified';
      }
      if (dice < 0.27) {
        const i = MARKET.length + Math.floor(random() * STOCKS);
        commit((writer) =>
          writer.actions([{ symbolId: ids[i]! as never, exDay: today, type: 'dividend', value: 0.2, knownFrom: null, line: 1 }]),
        );
        return 'paid';
      }
      return 'appended';
    },
  };
}
