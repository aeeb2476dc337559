/** The methods of methods-risk.ts and methods-outcomes.ts. */
import type { OUTCOME_METHODS } from '../../contract/methods-outcomes.ts';
import type { RISK_METHODS } from '../../contract/methods-risk.ts';
import type { CoreContext, Table } from '../table.ts';
import { attribution } from './attribution.ts';
import { riskChange } from './change.ts';
import { correlations } from './correlations.ts';
import { effectiveness } from './effectiveness.ts';
import { portfolioSeries } from './portfolio-series.ts';
import { scenarios } from './scenarios.ts';
import { getRisk } from './view.ts';
import { keepWhatIf, whatIf } from './what-if.ts';

export function riskTable({ current, changed }: CoreContext): Table<keyof typeof RISK_METHODS | keyof typeof OUTCOME_METHODS> {
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
    'effectiveness.get': (input) => effectiveness(current(), input),
    'scenarios.get': (input) => scenarios(current(), input),
    'correlation.get': (input) => correlations(current(), input),
  };
}
