/** Hedge targets per ETF from cleaned-factor slopes, by layer (MODEL.md 11). */
import { HedgerowError } from '../../contract/errors.ts';

export type Level = 1 | 2 | 3;

/** Fraction of each layer to hedge, 0 to 1. */
export interface LayerFractions {
  readonly market: number;
  readonly sector: number;
  readonly subsector: number;
}

/** A stock or investment ETF of the book. */
export interface HedgePosition {
  /** Dollars, short < 0. */
  readonly value: number;
  /** Slopes on the cleaned factors of the served level: `[b_m]`, `[b_m, b_s]` or `[b_m, b_s, b_u]`. */
  readonly beta: readonly number[];
  /** Link betas; those of layers the position does not have are not read and may be null. */
  readonly lam: { readonly sm: number | null; readonly um: number | null; readonly us: number | null };
  /** ETFs of the chain; null where it has none. */
  readonly chain: { readonly m: string; readonly s: string | null; readonly u: string | null };
}

const LAYERS = ['market', 'sector', 'subsector'] as const;

/**
 * Target dollars per ETF, `T = - sum V_i sum_k p_k b_ik a_ik`, with each cleaned factor written on raw ETFs. With every
 * layer at 1 this is minus the exposure of the book.
 * Throws `usage` for a fraction outside 0..1 or a layer above `level`; `internal` when a needed slope or link is missing.
 */
export function hedgeTargets(positions: readonly HedgePosition[], layers: LayerFractions, level: Level): Map<string, number> {
  LAYERS.forEach((layer, index) => {
    const fraction = layers[layer];
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new HedgerowError(
        'usage',
        `The ${layer} layer is ${fraction * 100} %; it must be 0 to 100 %.`,
        'Give a percentage from 0 to 100.',
      );
    }
    if (fraction > 0 && index >= level) {
      throw new HedgerowError(
        'usage',
        `The ${layer} layer is not part of a level ${level} hedge.`,
        `Choose level ${index + 1} or set ${layer}=0.`,
      );
    }
  });
  const targets = new Map<string, number>();
  const add = (etf: string, dollars: number) => targets.set(etf, (targets.get(etf) ?? 0) + dollars);
  for (const position of positions) addPosition(add, position, layers, level);
  return targets;
}

function addPosition(add: (etf: string, dollars: number) => void, position: HedgePosition, layers: LayerFractions, level: Level): void {
  const { value, beta, lam, chain } = position;
  const depth = Math.min(beta.length, level);
  add(chain.m, -known(value) * layers.market * known(beta[0]));
  if (depth >= 2) {
    const sector = -value * layers.sector * known(beta[1]);
    add(known(chain.s), sector);
    add(chain.m, -sector * known(lam.sm));
  }
  if (depth >= 3) {
    const subsector = -value * layers.subsector * known(beta[2]);
    add(known(chain.u), subsector);
    add(known(chain.s), -subsector * known(lam.us));
    add(chain.m, -subsector * (known(lam.um) - known(lam.us) * known(lam.sm)));
  }
}

/**
 * Slopes of one dollar of an ETF held as an investment, on the cleaned factors of its own chain: `(1)` for the market
 * ETF, `(lam_sm, 1)` for a sector ETF, `(lam_um, lam_us, 1)` for a subsector ETF.
 */
export function investmentSlopes(depth: Level, lam: HedgePosition['lam']): number[] {
  if (depth === 1) return [1];
  return depth === 2 ? [known(lam.sm), 1] : [known(lam.um), known(lam.us), 1];
}

/** One ETF of the hedge, dollars: `trade` = target minus the hedge already held. */
export interface Trade {
  readonly etf: string;
  readonly target: number;
  readonly held: number;
  readonly trade: number;
}

/** Nets targets with hedge holdings (dollars at the same prices), by ETF name. A hedge no longer wanted is unwound. */
export function netTrades(targets: ReadonlyMap<string, number>, hedgeHoldings: ReadonlyMap<string, number>): Trade[] {
  const names = [...new Set([...targets.keys(), ...hedgeHoldings.keys()])].sort();
  return names.map((etf) => {
    const target = targets.get(etf) ?? 0;
    const held = hedgeHoldings.get(etf) ?? 0;
    return { etf, target, held, trade: target - held };
  });
}

function known<T extends number | string>(value: T | null | undefined): T {
  if (value === null || value === undefined || Number.isNaN(value)) {
    throw new HedgerowError(
      'internal',
      'Hedge: a position lacks a slope, link or ETF of its level.',
      'Treat it as unmodelled, or run again.',
    );
  }
  return value;
}
