/**
 * Properties are tried on the same examples at every `npm test`, so that what fails does so again, for whoever runs it. `npm run test:long`
 * tries others each time; HEDGEROW_SEED names some.
 */
import fc from 'fast-check';

const asked = process.env.HEDGEROW_SEED;
if (asked !== undefined || process.env.HEDGEROW_LONG === undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked ?? 20260701) });
}
