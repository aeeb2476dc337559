/**
 * The soak of 10,000 appended days with random corrections, undos, new classes and dividends (main/workers/db/testing/soak-proof.ts): what a
 * panel continued from day to day ends with, against a bulk build. Not a matter of speed; kept because it takes many minutes.
 *
 *     node main/bench/soak.ts [days]
 */
import { proveSoak } from '../workers/db/testing/soak-proof.ts';
import { record } from './record.ts';

const days = Number(process.argv[2] ?? 10_000);
const start = performance.now();
const outcome = proveSoak(days, 17, 2_000, (day) => {
  if (day % 500 === 0) console.log(`day ${day}, ${Math.round((performance.now() - start) / 1000)} s`);
});
console.log(JSON.stringify(outcome));
record('soak', { ...outcome, seconds: Math.round((performance.now() - start) / 1000), equalBits: true });
