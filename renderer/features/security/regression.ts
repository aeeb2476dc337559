/** Words and numbers of the regression behind a row. */
import type { RegressionHeader } from '../../../main/contract/results-security.ts';
import { fixed } from '../../lib/format.ts';

export interface FactorColumn {
  readonly name: string;
  readonly label: string;
  readonly title: string;
}

/** Columns of `security.regression` in the order of the cascade. */
export function factorColumns({ ticker, etf, level }: Pick<RegressionHeader, 'ticker' | 'etf' | 'level'>): FactorColumn[] {
  const [m, s, u] = etf;
  const out: FactorColumn[] = [
    { name: 'r', label: ticker, title: 'Total return of the day' },
    { name: 'm', label: m!, title: 'Market ETF' },
    { name: 'e1', label: 'left 1', title: 'r − b·m' },
  ];
  if (level > 1)
    out.push(
      { name: 's', label: s!, title: 'Sector ETF' },
      { name: 's_clean', label: `${s}*`, title: 'Sector ETF cleaned of the market' },
      { name: 'e2', label: 'left 2', title: 'What is left after the cleaned sector' },
    );
  if (level > 2)
    out.push(
      { name: 'u', label: u!, title: 'Subsector ETF' },
      { name: 'u_clean', label: `${u}*`, title: 'Subsector ETF cleaned of market and sector' },
      { name: 'e3', label: 'left 3', title: 'What is left after the cleaned subsector: the residual' },
    );
  return out;
}

/** The exposures as formulas, with the numbers of the row put in: deepest level first, as they follow from each other. */
export function exposureLines({ level, steps, links, exposures }: RegressionHeader): { formula: string; numbers: string }[] {
  const b = steps.map((step) => step.slope);
  const text = (value: number | null | undefined): string => fixed(value, 4);
  const minus = (factor: number | null, h: number | null | undefined): string => ` − ${text(factor)} × ${text(h)}`;
  const [hm, hs, hu] = exposures;
  const deepest = { formula: ['h_m = b_m', 'h_s = b_s', 'h_u = b_u'][level - 1]!, numbers: text(exposures[level - 1]) };
  if (level === 1) return [deepest];
  if (level === 2) return [deepest, { formula: 'h_m = b_m - lam_sm * h_s', numbers: `${text(b[0])}${minus(links.sm, hs)} = ${text(hm)}` }];
  return [
    deepest,
    { formula: 'h_s = b_s - lam_us * h_u', numbers: `${text(b[1])}${minus(links.us, hu)} = ${text(hs)}` },
    {
      formula: 'h_m = b_m - lam_sm * h_s - lam_um * h_u',
      numbers: `${text(b[0])}${minus(links.sm, hs)}${minus(links.um, hu)} = ${text(hm)}`,
    },
  ];
}
