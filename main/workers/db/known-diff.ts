/** What a workspace learned between two knowledge days: every fact with `from < known_from <= to`, and which of them are about the past. */
import {
  allSymbols,
  readActions,
  readBlocks,
  readClassifications,
  readDecisions,
  readEtfMap,
  readIdentities,
  readShares,
  readUniverses,
  type SeriesField,
  type StoredBlock,
  type Workspace,
} from '../../../db/index.ts';
import type { Change, FactChange, FactKind, KnownDiff, SeriesChange, ValueChange } from '../../contract/results-diff.ts';
import { dayOfSlot, formatIsoDay, type EpochDay, type Slot } from '../../contract/units.ts';
import { ALWAYS } from './identity.ts';
import { readMaster } from './master.ts';
import { isoOrNull, originsOf } from './provenance.ts';

export interface KnownDiffRequest {
  readonly revision: number;
  /** EpochDays; from < to. */
  readonly from: number;
  readonly to: number;
}

const FIELDS: readonly SeriesField[] = ['close', 'adj_close', 'return', 'volume', 'market_cap'];
const EXAMPLES = 5;
const iso = (day: number): string => formatIsoDay(day as EpochDay);

/** Facts learned between two days, as of a revision and as identities are known on `to`. */
export function knownDiff(ws: Workspace, request: KnownDiffRequest): KnownDiff {
  const { revision, from, to } = request;
  const master = readMaster(ws, revision, to);
  const origins = originsOf(ws);
  const codes = new Map(allSymbols(ws).map((symbol) => [symbol.symbolId as number, symbol.code]));
  const security = (symbolId: number, day: number): number | null => master.identities.resolve(symbolId, day);
  const tickerOf = (id: number | null, symbolId: number, day: number): string =>
    id === null ? codes.get(symbolId)! : master.identities.tickerOn(id, day);

  const newValues: Partial<Record<SeriesField, number>> = {};
  const series: SeriesChange[] = [];
  const flush = (blocks: readonly StoredBlock[]): void => {
    const { field, symbolId } = blocks[0]!;
    const found = new Map<
      number | null,
      { counts: { late: number; corrected: number }; values: ValueChange[]; day: number; last: number }
    >();
    for (const value of learned(blocks, from, to)) {
      if (value.change === 'new') {
        newValues[field] = (newValues[field] ?? 0) + 1;
        continue;
      }
      const id = security(symbolId, value.day);
      let entry = found.get(id);
      if (!entry) found.set(id, (entry = { counts: { late: 0, corrected: 0 }, values: [], day: value.day, last: value.day }));
      entry.counts[value.change]++;
      entry.day = Math.min(entry.day, value.day);
      entry.last = Math.max(entry.last, value.day);
      if (entry.values.length < EXAMPLES) {
        const { before, after, known: knownFrom, batchId } = value;
        entry.values.push({ date: iso(value.day), before, after, ...origins.of({ batchId, knownFrom }) });
      }
    }
    for (const [id, { counts, values, day, last }] of found)
      series.push({
        securityId: id,
        ticker: tickerOf(id, symbolId, last),
        field,
        ...counts,
        first: iso(day),
        last: iso(last),
        examples: values,
      });
  };
  let group: StoredBlock[] = [];
  readBlocks(ws, { fields: FIELDS, symbolIds: null, revision }, (block) => {
    const head = group[0];
    if (head && (head.symbolId !== block.symbolId || head.field !== block.field)) {
      flush(group);
      group = [];
    }
    group.push(block);
  });
  if (group.length) flush(group);

  const facts: FactChange[] = [];
  const note = <Row extends Versioned>(kind: FactKind, rows: readonly Row[], describe: Describe<Row>): void => {
    for (const { row, change, before } of learnedFacts(rows, describe, from, to)) {
      const { day, symbolId, subject } = describe(row);
      const id = row.securityId ?? (symbolId === null ? null : security(symbolId, day ?? to));
      facts.push({
        kind,
        change,
        securityId: id,
        subject: subject ?? tickerOf(id, symbolId!, day ?? to),
        date: isoOrNull(day),
        before,
        after: describe(row).text,
        ...origins.of({ ...row, knownFrom: describe(row).known }),
      });
    }
  };
  note('action', readActions(ws, { revision }), (row) => ({
    key: `${row.symbolId}/${row.exDay}/${row.type}`,
    day: row.exDay,
    known: row.knownFrom ?? row.exDay,
    symbolId: row.symbolId,
    text: `${row.type} ${row.value}`,
  }));
  note('classification', readClassifications(ws, { revision }), (row) => ({
    key: `${row.symbolId}/${row.scheme}/${row.validFrom}`,
    day: row.validFrom,
    known: row.knownFrom,
    symbolId: row.symbolId,
    text: `${row.scheme || 'no scheme'}: ${row.sector}${row.industry === null ? '' : ` / ${row.industry}`}${until(row.validTo)}`,
  }));
  note('shares', readShares(ws, { revision }), (row) => ({
    key: `${row.symbolId}/${row.validFrom}`,
    day: row.validFrom,
    known: row.knownFrom,
    symbolId: row.symbolId,
    text: `${row.shares}${until(row.validTo)}`,
  }));
  note(
    'identity',
    readIdentities(ws, { revision }).filter((row) => !row.provisional),
    (row) => ({
      key: `${row.securityId}/${row.symbolId}/${row.validFrom}`,
      day: row.validFrom,
      known: row.knownFrom,
      symbolId: row.symbolId,
      text: `${codes.get(row.symbolId)} is security ${row.securityId}${until(row.validTo)}`,
    }),
  );
  note(
    'identity',
    readDecisions(ws, revision).map((row) => ({ ...row, line: 0 })),
    (row) => ({
      key: `decision ${row.decisionId}`,
      day: row.kind === 'assign' ? row.validFrom : null,
      known: row.knownFrom,
      symbolId: row.kind === 'assign' ? row.symbolId : null,
      subject: row.kind === 'assign' ? codes.get(row.symbolId)! : `security ${row.otherId}`,
      text: `${row.kind === 'assign' ? codes.get(row.symbolId) : `security ${row.otherId}`} is security ${row.securityId}${row.kind === 'assign' ? until(row.validTo) : ''}, by hand: ${row.reason}`,
    }),
  );
  note('etf-map', readEtfMap(ws, revision), (row) => ({
    key: `${row.level}/${row.scheme}/${row.code}/${row.validFrom}`,
    day: row.validFrom,
    known: row.knownFrom,
    symbolId: null,
    subject: `${row.level} ${row.code}`,
    text: `${codes.get(row.symbolId)}${until(row.validTo)}`,
  }));
  const lists = readUniverses(ws, { revision });
  note(
    'universe',
    lists.map((list) => ({ ...list, line: 0 })),
    (list) => ({
      key: list.name,
      day: null,
      known: list.knownFrom,
      symbolId: null,
      subject: list.name,
      text: `${list.members.length} listed in ${list.file}`,
    }),
  );
  // Members known later than the list they stand in.
  note(
    'universe',
    lists
      .flatMap(({ name, batchId, members }) => members.map((member) => ({ ...member, name, batchId })))
      .filter((row) => row.knownFrom !== null),
    (row) => ({
      key: `${row.name}/${row.symbolId}/${row.validFrom}`,
      day: row.validFrom,
      known: row.knownFrom,
      symbolId: row.symbolId,
      text: `on ${row.name}${until(row.validTo)}`,
    }),
  );
  return { newValues, series, facts };
}

const until = (validTo: number | null): string => (validTo === null ? '' : ` until ${iso(validTo)}`);

interface LearnedValue {
  readonly change: Change;
  readonly day: number;
  readonly known: number;
  readonly before: number | null;
  readonly after: number;
  readonly batchId: number;
}

/** Values of one series (all its blocks, oldest batch first) that became known in (from, to]; repeats of what was known are none. */
function learned(blocks: readonly StoredBlock[], from: number, to: number): LearnedValue[] {
  const out: LearnedValue[] = [];
  for (const block of blocks)
    for (let i = block.anchored ? 1 : 0; i < block.values.length; i++) {
      const after = block.values[i]!;
      const day = dayOfSlot((block.firstSlot + i) as Slot);
      const known = block.known ? block.known[i]! : day;
      if (known <= from || known > to || after !== after) continue;
      const before = valueBefore(blocks, block, block.firstSlot + i, day, known);
      if (before === after) continue;
      out.push({ change: before !== null ? 'corrected' : day <= from ? 'late' : 'new', day, known, before, after, batchId: block.batchId });
    }
  return out;
}

/** The version of a slot that a version replaces: the last one known before it, ties by batch; null for none. */
function valueBefore(blocks: readonly StoredBlock[], own: StoredBlock, slot: number, day: number, known: number): number | null {
  let best: { value: number; known: number; order: number } | null = null;
  for (const block of blocks) {
    const i = slot - block.firstSlot;
    const value = block.values[i];
    if (block === own || value === undefined || value !== value || (block.anchored && i === 0)) continue;
    const at = block.known ? block.known[i]! : day;
    if (at > known || (at === known && block.order >= own.order)) continue;
    if (best === null || at > best.known || (at === best.known && block.order >= best.order))
      best = { value, known: at, order: block.order };
  }
  return best === null ? null : best.value;
}

interface Versioned {
  readonly batchId: number;
  readonly line: number;
  readonly securityId?: number;
}

type Describe<Row> = (row: Row) => {
  /** Versions of one fact share it. */
  readonly key: string;
  readonly day: number | null;
  readonly known: number | null;
  readonly symbolId: number | null;
  readonly subject?: string;
  readonly text: string;
};

function learnedFacts<Row extends Versioned>(
  rows: readonly Row[],
  describe: Describe<Row>,
  from: number,
  to: number,
): { row: Row; change: Change; before: string | null }[] {
  const versions = new Map<string, { row: Row; known: number; text: string }[]>();
  for (const row of rows) {
    const { key, known, text } = describe(row);
    const list = versions.get(key) ?? [];
    list.push({ row, known: known ?? ALWAYS, text });
    versions.set(key, list);
  }
  const out: { row: Row; change: Change; before: string | null }[] = [];
  for (const list of versions.values()) {
    list.sort((a, b) => a.known - b.known || a.row.batchId - b.row.batchId);
    for (const one of list) {
      if (one.known <= from || one.known > to) continue;
      // Rows of one batch stand side by side (two dividends of a day); only an earlier batch or knowledge is replaced.
      const before = list.findLast(
        (other) => other.known < one.known || (other.known === one.known && other.row.batchId < one.row.batchId),
      );
      if (before?.text === one.text) continue;
      const about = describe(one.row).day ?? ALWAYS;
      out.push({ row: one.row, change: before ? 'corrected' : about <= from ? 'late' : 'new', before: before?.text ?? null });
    }
  }
  return out.sort((a, b) => a.row.batchId - b.row.batchId || a.row.line - b.row.line);
}
