import { expect, it } from 'vitest';
import { MODULE as PLAIN } from '../../importers/wasm/module.ts';
import { MODULE as ROBUST } from '../robust/wasm/module.ts';
import { MODULE } from './module.ts';
import { compile } from './testing/compile.ts';

it.each([
  ['quant/wasm', MODULE],
  ['quant/robust/wasm', ROBUST],
  ['importers/wasm', PLAIN],
] as const)('%s/module.ts holds what the compiler makes of the sources', { timeout: 60_000 }, async (folder, module) => {
  const bytes = await compile(folder);
  expect(Buffer.from(bytes).toString('base64') === module).toBe(true);
  expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true);
});
