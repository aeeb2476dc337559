/** The methods of methods-risk.ts and methods-outcomes.ts. */
import type { Method } from '../../contract/methods.ts';
import type { OUTCOME_METHODS } from '../../contract/methods-outcomes.ts';
import type { RISK_METHODS } from '../../contract/methods-risk.ts';
import type { Jobs } from '../jobs.ts';
import type { Seen } from '../session.ts';
import type { CoreContext, Table } from '../table.ts';
import { attribution } from './attribution.ts';
import { riskChange } from './change.ts';
import { correlations } from './correlations.ts';
import { effectiveness } from './effectiveness.ts';
import { portfolioSeries } from './portfolio-series.ts';
import { scenarios } from './scenarios.ts';
import { getRisk } from './view.ts';
import { keepWhatIf, whatIf } from './what-if.ts';

export function riskTable(
  { current, changed }: CoreContext,
  jobs: Pick<Jobs, 'seen'>,
): Table<keyof typeof RISK_METHODS | keyof typeof OUTCOME_METHODS> {
  const within =
    (method: Method): Seen =>
    (work) =>
      jobs.seen(method, work);
  return {
    'risk.get': (input) => getRisk(current(), input),
    'risk.change': ({ from, to }) => riskChange(current(), from, to),
    'risk.whatIf': ({ edits, ...book }) => whatIf(current(), book, edits),
    'risk.keep': async ({ edits, why, ...book }, hooks) => {
      const report = await keepWhatIf(current(), book, edits, why, hooks);
      await changed();
      return report;
    },
    'portfolio.series': (input) => portfolioSeries(current(), input, within('portfolio.series')),
    'attribution.get': (input) => attribution(current(), input, within('attribution.get')),
    'effectiveness.get': (input) => effectiveness(current(), input, within('effectiveness.get')),
    'scenarios.get': (input) => scenarios(current(), input),
    'correlation.get': (input) => correlations(current(), input, within('correlation.get')),
  };
}
