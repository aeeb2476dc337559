/** Options that another word leaves without effect are refused by name: a script that gives them means something by them. */
import { expect, it } from 'vitest';
import { Cli, scratch } from './testing/cli.ts';

const folder = scratch();

const REFUSED: readonly (readonly [words: string, message: string])[] = [
  ['import h.csv --each-day --known-as-of 2024-01-31', '--known-as-of has no effect with --each-day'],
  ['run --like R1 --preset robust-held', '--preset has no effect with --like'],
  ['run --like R1 --set window=60', '--set has no effect with --like'],
  ['run --like R1 --from 2024-01-31 --to 2024-02-29', '--from and --to have no effect with --like'],
  ['run --like R1 --known-as-of 2024-01-31', '--known-as-of has no effect with --like'],
  ['run --like R1 --universe mc_50', '--universe has no effect with --like'],
  ['run --from 2024-01-31 --from 2024-02-29', '--from is given twice'],
  ['whatif --set AAA=1 --set BBB=2', '--set is given twice'],
  ['hedge --exclude XLK --exclude XLF', '--exclude is given twice'],
  ['attribution AAA --weights dated', '--weights has no effect on a stock'],
  ['attribution AAA --account ONE', '--account has no effect on a stock'],
  ['attribution --weights dated --snapshot 1', '--snapshot has no effect with --weights dated'],
  ['effectiveness AAA --snapshot 1', '--snapshot has no effect on a stock'],
  ['effectiveness --weights dated --snapshot 1', '--snapshot has no effect with --weights dated'],
  ['corr AAA --with BBB --weights dated', '--weights has no effect on a stock'],
  ['corr --with BBB --weights dated --snapshot 1', '--snapshot has no effect with --weights dated'],
  ['portfolio --fields vol --weights dated --snapshot 1', '--snapshot has no effect with --weights dated'],
  ['portfolio --fields vol --weights AAA=1 --account ONE', '--account says which holdings count'],
  ['portfolio --fields vol --level 2', "Unknown option '--level'"],
  ['fix 1 --code gap', '--code has no effect where findings are named'],
  ['fix 1 --severity error', '--severity has no effect where findings are named'],
  ['dismiss 1 --undo --why because', '--why has no effect with --undo'],
  ['waiting --dry-run', '--dry-run has no effect without a ticker and --to'],
  ['waiting --why because', '--why has no effect without a ticker and --to'],
  ['resolve --from 2024-01-31', '--from has no effect without a name and --to'],
  ['resolve --dry-run', '--dry-run has no effect without a name and --to'],
  ['resolve --accept all --known-from 2024-01-31', '--known-from has no effect with --accept'],
  ['resolve ABC --to new --accept all', '--to has no effect with --accept'],
  ['desk --by Ada', '--by has no effect without --file'],
  ['hedge --override because', '--override has no effect without --format and --out'],
  ['hedge --type LMT --limit-bps 5', '--type and --limit-bps have no effect without --format and --out'],
  ['orders 1 --by Ada', '--by has no effect without --format and --out'],
  ['orders 1 --type MOC', '--type has no effect without --format and --out'],
  ['orders 1 --format generic --out o.csv --ticket t.html', '--ticket has no effect with --format'],
  ['orders 1 --ticket t.html --override because', '--override has no effect without --format and --out'],
  ['orders --compare 1,2 --by Ada', '--by has no effect with --compare'],
  ['orders 3 --compare 1,2', 'Set 3 has no effect with --compare'],
  ['orders 3 --second-approver on', 'Set 3 has no effect with --second-approver'],
  ['orders --second-approver on --compare 1,2', '--compare has no effect with --second-approver'],
];

it.each(REFUSED)('%s is refused: %s', async (words, message) => {
  const refused = await new Cli(folder, 'none').error(...words.split(' '));
  expect([refused.exit, refused.message]).toEqual([2, expect.stringContaining(message)]);
});
