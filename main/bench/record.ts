/** Keeps a measurement as JSON beside the machine it was made on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes `results/NAME.json`; figures are plain numbers and texts with their units in the names. */
export function record(name: string, figures: Readonly<Record<string, unknown>>): void {
  const file = join(import.meta.dirname, 'results', `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    load: loadavg().map((value) => Math.round(value * 100) / 100),
  };
  writeFileSync(file, `${JSON.stringify({ measuredAt: new Date().toISOString(), machine, ...figures }, null, 2)}\n`);
}
