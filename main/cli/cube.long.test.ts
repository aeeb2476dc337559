/** The whole cube of the modern set in every format, each by a process of its own; read back and compared. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { record } from '../bench/record.ts';
import { CUBE_FORMATS } from '../core/export.ts';
import { startRun } from '../core/runs.ts';
import { closeSession } from '../core/session.ts';
import { compareArrow, compareCubes } from '../core/testing/compare-cubes.ts';
import { hasModern, importModern } from '../core/testing/modern.ts';
import { ROOT } from './testing/cli.ts';

/** Runs a command line in a process of its own; answers its JSON and its peak memory, where the system tells it. */
async function command(
  dir: string,
  ...args: string[]
): Promise<{ value: { rows: number; bytes: number; milliseconds: number }; peakMB: number }> {
  const child = spawn(process.execPath, [join(ROOT, 'main', 'cli', 'index.ts'), '--workspace', dir, '--json', ...args], {
    env: { ...process.env, HEDGEROW_TODAY: '2026-08-01' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let peakMB = NaN;
  const look = setInterval(() => {
    try {
      peakMB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;
    } catch {
      // Ended, or a system without /proc.
    }
  }, 50);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`exit ${String(code)}: ${text}`);
  return { value: JSON.parse(text) as { rows: number; bytes: number; milliseconds: number }, peakMB };
}

describe.skipIf(!hasModern)('the whole cube', () => {
  it('is written in every format below 1.5 GB of memory, with the same doubles', { timeout: 3_600_000 }, async () => {
    const { session, folder } = await importModern();
    try {
      const { summary } = await startRun(session, {});
      await closeSession(session);
      const figures: Record<string, object> = {};
      for (const format of CUBE_FORMATS) {
        const { value, peakMB } = await command(
          session.dir,
          'export',
          'metrics',
          '--format',
          format,
          '--out',
          join(folder, `cube.${format}`),
        );
        expect(value.rows).toBe(summary.rows);
        expect(peakMB).not.toBeGreaterThan(1500);
        const seconds = value.milliseconds / 1000;
        figures[format] = { megabytes: value.bytes / 1e6, seconds, megabytesPerSecond: value.bytes / 1e6 / seconds, peakMemoryMB: peakMB };
      }
      rmSync(join(folder, 'cube.csv'));
      const compared = await compareCubes(join(folder, 'cube.parquet'), join(folder, 'cube.zarr'));
      const comparedArrow = await compareArrow(join(folder, 'cube.parquet'), join(folder, 'cube.arrow'));
      record('cube', { rows: summary.rows, valuesCompared: { zarr: compared, arrow: comparedArrow }, ...figures });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
