/**
 * What holds in every test file. Properties are tried on the same examples at every `npm test`, so that what fails does so again, for
 * whoever runs it; `npm run test:long` tries others each time, and HEDGEROW_SEED names some. Globals that a file replaced are put back
 * at its end: many files share a process, and a library loaded later took a stand-in `window` for a browser's.
 */
import fc from 'fast-check';
import { afterAll, vi } from 'vitest';

const asked = process.env.HEDGEROW_SEED;
if (asked !== undefined || process.env.HEDGEROW_LONG === undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked ?? 20260701) });
}
afterAll(() => void vi.unstubAllGlobals());
