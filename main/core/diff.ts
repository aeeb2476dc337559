/** Time travel: what was learned between two knowledge days, and which outputs moved because of it. */
import { storedSettings, type EstimatorSettings } from '../contract/settings.ts';
import type { DiffInput, DiffView, FieldMove, KnownDiff, SecurityMove } from '../contract/results-diff.ts';
import { HedgerowError } from '../contract/errors.ts';
import { FIELDS } from '../quant/cascade/index.ts';
import { SPAN, type Panel } from '../workers/panel.ts';
import { fieldsOf, orNull, panelFor, seriesIndex, tickerAt, type RunBasis } from './engine.ts';
import { seriesDigests } from './run-compute.ts';
import { completeSettings } from './settings.ts';
import { dayGiven, iso, today, type Hooks, type Session } from './session.ts';

/** Securities whose fields are held in memory at a time. */
const CHUNK = 64;
const COMPARED = FIELDS.flatMap((field, index) => (field.internal ? [] : [{ name: field.wire, index }]));

/** Compares two knowledge days at the present revision. Rejects with `usage` for days in the wrong order or in the future. */
export async function diffKnown(session: Session, input: DiffInput, hooks: Hooks = {}): Promise<DiffView> {
  const [from, to] = [dayGiven(input.from, 'known'), dayGiven(input.to, 'known')];
  if (from >= to)
    throw new HedgerowError(
      'usage',
      `${input.from} is not before ${input.to}.`,
      'Write the earlier day first: --known 2024-01-31..2024-02-29.',
    );
  if (to > today(session.environment)) throw new HedgerowError('usage', `${input.to} is in the future.`, 'Choose today or an earlier day.');
  const { revision } = await session.reader.call('state', null);
  const settings = await settingsOf(session, input.runId);
  const facts = await session.reader.call('knownDiff', { revision, from, to });

  const strict = await pairOf(session, { ...settings, knowledge: 'strict' }, revision, from, to, hooks);
  const strictMoved = strict === null ? [] : strict.moved.map(({ after }) => tickerAt(strict.after, after, strict.lastAfter));
  const pair = await pairOf(session, { ...settings, knowledge: 'corrected' }, revision, from, to, hooks);
  const moved = pair === null ? [] : await movesOf(session, pair, causesOf(facts), hooks);
  return {
    from: input.from,
    to: input.to,
    revision,
    settings,
    facts,
    outputs: {
      latestCommonDate: pair && iso(pair.after.days[pair.lastAfter]!),
      compared: pair?.compared ?? 0,
      moved,
      vanished: pair?.vanished ?? [],
      fields: byField(moved),
    },
    strictMoved,
  };
}

async function settingsOf(session: Session, runId: string | undefined): Promise<EstimatorSettings> {
  if (runId !== undefined) return storedSettings((await session.reader.call('run', { runId })).settings);
  const latest = (await session.reader.call('runs', null))[0];
  return latest ? storedSettings(latest.settings) : completeSettings();
}

/** Two panels of one revision on their common rows, and the series whose outputs differ in any bit. */
interface Pair {
  readonly settings: EstimatorSettings;
  readonly before: Panel;
  readonly after: Panel;
  /** First common row of each, and the last of each. */
  readonly firstBefore: number;
  readonly firstAfter: number;
  readonly lastAfter: number;
  readonly rows: number;
  readonly compared: number;
  /** Series numbers; null: the security is in one panel only. */
  readonly moved: readonly { readonly securityId: number; readonly before: number | null; readonly after: number }[];
  readonly vanished: readonly string[];
}

/** null when nothing was known on the earlier day. */
async function pairOf(
  session: Session,
  settings: EstimatorSettings,
  revision: number,
  from: number,
  to: number,
  hooks: Hooks,
): Promise<Pair | null> {
  const basis = (knownAsOf: number): RunBasis => ({ runId: '', settings, revision, knownAsOf });
  const after = await panelFor(session, basis(to), null, hooks);
  if (after.days[0]! > from) return null;
  const before = await panelFor(session, basis(from), null, hooks);
  const first = Math.max(before.firstSession, after.firstSession);
  const end = Math.min(before.firstSession + before.nRows, after.firstSession + after.nRows);
  const [firstBefore, firstAfter, rows] = [first - before.firstSession, first - after.firstSession, end - first];
  const [a, b] = [
    await seriesDigests(session, before, settings, firstBefore, firstBefore + rows, hooks),
    await seriesDigests(session, after, settings, firstAfter, firstAfter + rows, hooks),
  ];
  const old = seriesIndex(before);
  const present = seriesIndex(after);
  const moved = after.series.flatMap(({ securityId }, i) => {
    const was = old.get(securityId);
    return (was === undefined ? '' : a[was]) === b[i] ? [] : [{ securityId, before: was ?? null, after: i }];
  });
  const vanished = before.series.flatMap(({ securityId }, i) =>
    a[i] === '' || present.has(securityId) ? [] : [tickerAt(before, i, firstBefore + rows - 1)],
  );
  const lastAfter = firstAfter + rows - 1;
  return { settings, before, after, firstBefore, firstAfter, lastAfter, rows, compared: after.series.length, moved, vanished };
}

async function movesOf(
  session: Session,
  pair: Pair,
  causes: ReadonlyMap<number, readonly string[]>,
  hooks: Hooks,
): Promise<SecurityMove[]> {
  const { settings, before, after, firstBefore, firstAfter, rows } = pair;
  const indexes = COMPARED.map(({ index }) => index);
  const out: SecurityMove[] = [];
  for (let at = 0; at < pair.moved.length; at += CHUNK) {
    const chunk = pair.moved.slice(at, at + CHUNK);
    const known = chunk.flatMap((one) => (one.before === null ? [] : [one.before]));
    const a = await fieldsOf(session, before, settings, known, indexes, firstBefore, firstBefore + rows);
    const b = await fieldsOf(
      session,
      after,
      settings,
      chunk.map((one) => one.after),
      indexes,
      firstAfter,
      firstAfter + rows,
    );
    const place = new Map(known.map((series, i) => [series, i]));
    chunk.forEach((one, i) => {
      const size = indexes.length * rows;
      const old = one.before === null ? null : a.values.subarray(place.get(one.before)! * size, (place.get(one.before)! + 1) * size);
      const move = moveOf(pair, one, old, b.values.subarray(i * size, (i + 1) * size), causes);
      if (move) out.push(move);
    });
    hooks.onProgress?.((at + chunk.length) / pair.moved.length, 'comparing outputs');
  }
  return out;
}

function moveOf(
  { after, firstAfter, rows, lastAfter }: Pair,
  one: Pair['moved'][number],
  old: Float64Array | null,
  now: Float64Array,
  causes: ReadonlyMap<number, readonly string[]>,
): SecurityMove | null {
  const changed = new Uint8Array(rows);
  const latest: FieldMove[] = [];
  const largest: (FieldMove & { date: string })[] = [];
  COMPARED.forEach(({ name }, f) => {
    let best = -1;
    let most = -1;
    for (let row = 0; row < rows; row++) {
      const [x, y] = [old === null ? NaN : old[f * rows + row]!, now[f * rows + row]!];
      if (Object.is(x, y)) continue;
      changed[row] = 1;
      const size = Number.isNaN(x - y) ? Infinity : Math.abs(y - x);
      if (size > most) [best, most] = [row, size];
    }
    if (best < 0) return;
    const move = (row: number): FieldMove => {
      const [x, y] = [orNull(old === null ? NaN : old[f * rows + row]), orNull(now[f * rows + row])];
      return { field: name, before: x, after: y, change: x === null || y === null ? null : y - x };
    };
    largest.push({ ...move(best), date: iso(after.days[firstAfter + best]!) });
    const end = move(rows - 1);
    if (end.before !== end.after) latest.push(end);
  });
  const first = changed.indexOf(1);
  if (first < 0) return null;
  const involved = new Set([one.securityId]);
  for (let p = after.planStart[one.after]!; p < after.planStart[one.after + 1]!; p++)
    for (const series of after.plan.subarray(p * SPAN + 2, p * SPAN + 5)) if (series >= 0) involved.add(after.series[series]!.securityId);
  return {
    securityId: one.securityId,
    ticker: tickerAt(after, one.after, lastAfter),
    first: iso(after.days[firstAfter + first]!),
    rows: changed.reduce((sum, flag) => sum + flag, 0),
    because: [...involved].flatMap((id) => causes.get(id) ?? []).concat(causes.get(-1) ?? []),
    latest,
    largest,
  };
}

/**
 * What can move a row of the past, in words, by security (-1: the ETF map, which is everybody's): corrections, and identities. A fact
 * that is only late holds from the day it became known, under both kinds of knowledge.
 */
function causesOf({ series, facts }: KnownDiff): Map<number, string[]> {
  const out = new Map<number, string[]>();
  const add = (id: number, words: string): void => {
    const list = out.get(id) ?? [];
    if (!list.includes(words)) list.push(words);
    out.set(id, list);
  };
  for (const one of series) if (one.securityId !== null && one.corrected > 0) add(one.securityId, `${one.field} of ${one.ticker}`);
  for (const one of facts)
    if (one.change === 'corrected' || one.kind === 'identity') {
      if (one.kind === 'etf-map') add(-1, `ETF map: ${one.subject}`);
      else if (one.securityId !== null) add(one.securityId, `${one.kind} of ${one.subject}`);
    }
  return out;
}

function byField(moved: readonly SecurityMove[]): DiffView['outputs']['fields'] {
  return COMPARED.flatMap(({ name }) => {
    const moves = moved.flatMap(({ ticker, largest }) => largest.filter((one) => one.field === name).map((one) => ({ ...one, ticker })));
    const size = (move: FieldMove): number => (move.change === null ? Infinity : Math.abs(move.change));
    const top = moves.reduce<(typeof moves)[number] | null>((best, one) => (best === null || size(one) > size(best) ? one : best), null);
    return top === null ? [] : [{ ...top, securities: moves.length }];
  });
}
