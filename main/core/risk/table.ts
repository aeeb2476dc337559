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
    'risk.get': (input, hooks) => getRisk(current(), input, hooks),
    'risk.change': ({ from, to }, hooks) => riskChange(current(), from, to, hooks),
    'risk.whatIf': ({ edits, ...book }, hooks) => whatIf(current(), book, edits, hooks),
    'risk.keep': async ({ edits, why, ...book }, hooks) => {
      const report = await keepWhatIf(current(), book, edits, why, hooks);
      await changed();
      return report;
    },
    'portfolio.series': (input, hooks) => portfolioSeries(current(), input, hooks),
    'attribution.get': (input, hooks) => attribution(current(), input, hooks),
    'effectiveness.get': (input, hooks) => effectiveness(current(), input, hooks),
    'scenarios.get': (input, hooks) => scenarios(current(), input, hooks),
    'correlation.get': (input, hooks) => correlations(current(), input, hooks),
  };
}
