import { expect, it } from 'vitest';
import { MODULE } from './module.ts';
import { compile } from './testing/compile.ts';

it('module.ts holds what the compiler makes of the sources', { timeout: 60_000 }, async () => {
  const bytes = await compile();
  expect(Buffer.from(bytes).toString('base64') === MODULE).toBe(true);
  expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true);
});
