import { afterEach, expect, it, vi } from 'vitest';
import { freshWorkspace } from '../../../db/testing/workspace.ts';
import { joinOne } from './joining.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('what goes wrong while days are joined harms nobody, and is shown to who looks for it', () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const ws = freshWorkspace();
  expect(joinOne(ws)).toBe(false);
  ws.close();
  vi.stubEnv('HEDGEROW_DEBUG', '');
  expect(joinOne(ws)).toBe(false);
  expect(said).not.toHaveBeenCalled();
  vi.stubEnv('HEDGEROW_DEBUG', '1');
  expect(joinOne(ws)).toBe(false);
  expect(said.mock.calls).toEqual([[expect.objectContaining({ message: expect.stringContaining('not open') })]]);
});
