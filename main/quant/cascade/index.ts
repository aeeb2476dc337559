/** The cascade kernel: every field of MODEL.md 12 for any range of rows of one security. */
import { FIELD_COUNT } from './fields.ts';
import { createPlain } from './plain.ts';
import { createSimd, simdAvailable } from './simd.ts';
import { createWeights } from './sums.ts';
import { TABLE_BYTES } from './types.ts';
import type { Axis, Cascade, Chain, Implementation, KernelName, KernelOptions, KernelSettings, Plan, Span, Tile } from './types.ts';

export { CORE_FIELDS, F, FIELD_COUNT, fieldIndex, FIELDS, FLAG, flagNames } from './fields.ts';
export { DIGEST_VERSION } from './digest.ts';
export type { Axis, Cascade, Chain, KernelName, KernelOptions, KernelSettings, Served, Span, Tile } from './types.ts';

/** Part of every run's fingerprint: changes whenever any output bit can. Which implementation runs changes none. */
export const KERNEL_VERSION = 'cascade-3';

/** The implementation that runs where none is asked for. */
export const kernelName = (): KernelName => (simdAvailable() ? 'wasm-simd' : 'typescript');

/** A tile of nRows rows, all NaN. */
export function createTile(nRows: number): Tile {
  return { nRows, values: new Float64Array(FIELD_COUNT * nRows).fill(NaN), from: 0, to: 0 };
}

/** Creates the kernel for one set of settings and one axis. Throws RangeError for settings it cannot compute. */
export function createCascade(settings: KernelSettings, axis: Axis, options: KernelOptions = {}): Cascade {
  return cascadeOf(implement(checkedPlan(settings, axis, options), options.kernel), axis.nRows);
}

/** Chains, spans and tiles around anything that can fill a span. */
export function cascadeOf(implementation: Implementation, nRows: number): Cascade {
  const zeros = new Float64Array(nRows);
  let own: Tile | null = null;
  let chains = 0;

  function chain(m: Float64Array, s: Float64Array | null, u: Float64Array | null): Chain {
    const levels = s === null ? 1 : u === null ? 2 : 3;
    const returns = { m, s: s ?? zeros, u: (s === null ? null : u) ?? zeros, levels } as const;
    for (const column of [returns.m, returns.s, returns.u])
      if (column.length !== nRows) throw new RangeError(`a chain array has ${column.length} rows, not ${nRows}`);
    chains += 1;
    return implementation.chain(chains, returns);
  }

  function tile(): Tile {
    own ??= implementation.tile === null ? createTile(nRows) : { nRows, values: implementation.tile, from: 0, to: 0 };
    return own;
  }

  function security(spans: readonly Span[], lastRow: number, asked: Tile): void {
    if (asked.nRows !== nRows) throw new RangeError(`the tile has ${asked.nRows} rows, the axis ${nRows}`);
    const begin = spans[0]?.from ?? 0;
    const end = spans.at(-1)?.to ?? 0;
    let next = begin;
    for (const { from, to, r, at = 0 } of spans) {
      if (!(from >= 0 && to <= nRows && from <= to) || from !== next || at + to > r.length) {
        throw new RangeError(`spans must adjoin within the axis: rows ${from} to ${to} of ${nRows}`);
      }
      next = to;
    }
    const into = implementation.tile === null ? asked : tile();
    const { values } = into;
    implementation.blank(values, into.from, Math.min(into.to, begin));
    implementation.blank(values, Math.max(into.from, end), into.to);
    into.from = begin;
    into.to = end;
    let previous: Chain | null = null;
    for (const span of spans) {
      if (span.from === span.to) continue;
      implementation.span(span, span.before ?? previous, lastRow, values);
      previous = span.chain;
    }
    if (into !== asked) copyTile(into, asked);
  }

  const digest = (from: number, to: number): number => implementation.digest(tile().values, from, to);

  const release = (released: Chain): void => implementation.release?.(released);

  return { kernel: implementation.name, chain, release, tile, security, served: (row) => implementation.served(row), digest };
}

function checkedPlan(settings: KernelSettings, { nRows, firstSession }: Axis, { fields, tableBytes = TABLE_BYTES }: KernelOptions): Plan {
  const { window, minObs, halfLife } = settings;
  if (!Number.isInteger(window) || window < 5) throw new RangeError(`window must be an integer of at least 5 rows, not ${window}`);
  if (!Number.isInteger(minObs) || minObs < 5) throw new RangeError(`minObs must be an integer of at least 5, not ${minObs}`);
  if (halfLife !== null && !(halfLife > 0)) throw new RangeError(`halfLife must be positive or null, not ${halfLife}`);
  if (!Number.isInteger(firstSession) || !Number.isInteger(nRows)) throw new RangeError('the axis needs whole numbers');
  return {
    settings,
    nRows,
    origin: -(((firstSession % window) + window) % window),
    weights: createWeights(window, halfLife, false),
    squared: halfLife === null ? null : createWeights(window, halfLife, true),
    core: fields === 'core',
    tableBytes,
  };
}

function implement(plan: Plan, asked: KernelName | undefined): Implementation {
  const simd = asked === 'typescript' ? null : createSimd(plan);
  if (simd === null && asked === 'wasm-simd') throw new RangeError('this runtime has no WebAssembly SIMD, or too little memory for it');
  return simd ?? createPlain(plan);
}

/** Copies the rows of the last security; what the target held outside them is emptied. */
function copyTile(from: Tile, to: Tile): void {
  for (let base = 0; base < to.values.length; base += to.nRows) {
    to.values.fill(NaN, base + to.from, base + to.to);
    to.values.set(from.values.subarray(base + from.from, base + from.to), base + from.from);
  }
  to.from = from.from;
  to.to = from.to;
}
