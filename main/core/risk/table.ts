/** The methods of methods-risk.ts. */
import type { RISK_METHODS } from '../../contract/methods-risk.ts';
import type { CoreContext, Table } from '../table.ts';
import { attribution } from './attribution.ts';
import { riskChange } from './change.ts';
import { correlations } from './correlations.ts';
import { portfolioSeries } from './portfolio-series.ts';
import { getRisk } from './view.ts';
import { keepWhatIf, whatIf } from './what-if.ts';

export function riskTable({ current, changed }: CoreContext): Table<keyof typeof RISK_METHODS> {
  return {
    'risk.get': (input) => getRisk(current(), input),
    'risk.change': ({ from, to }) => riskChange(current(), from, to),
    'risk.whatIf': ({ edits, ...book }) => whatIf(current(), book, edits),
    'risk.keep': async ({ edits, why, ...book }, hooks) => {
      const report = await keepWhatIf(current(), book, edits, why, hooks);
      await changed();
      return report;
    },
    'portfolio.series': (input) => portfolioSeries(current(), input),
    'attribution.get': (input) => attribution(current(), input),
    'correlation.get': (input) => correlations(current(), input),
  };
}
