/** What goes with every call: the workspace that the page shows. */
import { expect, it, vi } from 'vitest';

vi.stubGlobal('window', {});
vi.stubGlobal('sessionStorage', { getItem: () => null });
const sent: (string | null)[] = [];
vi.stubGlobal('fetch', (_: string, { headers }: { headers: Headers }) => {
  sent.push(headers.get('x-hedgerow-workspace'));
  return Promise.resolve(new Response('null'));
});
const { call, showWorkspace } = await import('./api.ts');

it('names the workspace that is shown with what is asked of it, and none with what is about the program', async () => {
  await call('runs.list', {});
  showWorkspace(4);
  await call('runs.list', {});
  await call('runs.list', {}, { of: 5 });
  await call('workspace.info', {});
  await call('preferences.get', {});
  showWorkspace(null);
  await call('runs.list', {});
  expect(sent).toEqual([null, '4', '5', null, null, null]);
});
