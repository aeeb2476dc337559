/** Securities named by hand. */
import { expect, it, vi } from 'vitest';

vi.stubGlobal('$state', (value: unknown) => value);
vi.stubGlobal('window', {});
vi.stubGlobal('sessionStorage', { getItem: () => null });
let hits: { securityId: number; ticker: string; matched: string }[] = [];
vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(hits))));
vi.mock('../../lib/jobs.svelte.ts', () => ({ runJob: () => Promise.reject(new Error('no job is wanted')) }));
const { findOne } = await import('./decide.svelte.ts');

it('says what to write where a text names no security, or several', async () => {
  await expect(findOne('Müller & Co')).rejects.toMatchObject({
    data: { code: 'not_found', message: 'Nothing is called Müller & Co.', action: 'Write a ticker, a name or a number such as #12.' },
  });
  hits = [7, 9].map((securityId) => ({ securityId, ticker: `ACM${securityId}`, matched: 'Acme' }));
  await expect(findOne('acm')).rejects.toMatchObject({
    data: { code: 'ambiguous', message: 'acm means 2 securities: #7 ACM7, #9 ACM9.', action: 'Write the number of one.' },
  });
  expect(await findOne('ACM9')).toBe(9);
});
