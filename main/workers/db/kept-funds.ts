/** Returns of funds that small panels asked for: every security of a chain asks for the same ones. */
import type { FormedReturns } from './security-inputs.ts';

export type KeptReturns = Pick<FormedReturns, 'gone'> & { readonly returns: Pick<FormedReturns['returns'], 'base' | 'epochs'> };

/** Funds kept, those asked for latest. */
const KEPT = 128;

let basis = '';
const kept = new Map<number, KeptReturns>();

/** The funds kept of a basis, which decides every return; those of any other are let go. */
export function keptFunds(asked: string): {
  get(security: number): KeptReturns | undefined;
  keep(security: number, formed: KeptReturns): void;
} {
  if (asked !== basis) kept.clear();
  basis = asked;
  return {
    get: (security) => kept.get(security),
    keep(security, { returns, gone }) {
      kept.delete(security);
      kept.set(security, { returns: { base: returns.base.slice(), epochs: returns.epochs }, gone });
      if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    },
  };
}
