/**
 * A home with the sample workspace and one run, made once for all specs: most of them are about what comes after, and making it
 * costs each of them seconds. A spec about the first start asks for an empty home (`test.use({ fresh: true })`).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE, ROOT } from './shells.ts';

export const SAMPLE = 'Sample (simulated)';
const inside = (home: string): string => join(home, 'workspaces', `${SAMPLE}.hedgerow`);

/** Makes the seed by command line; its folder is then named in HEDGEROW_E2E_SEED. Answers what removes it. */
export function makeSeed(): () => void {
  const seed = mkdtempSync(join(tmpdir(), 'hedgerow-seed-'));
  mkdirSync(join(seed, 'workspaces'));
  for (const words of [['init', '--sample'], ['run']]) {
    const done = spawnSync(NODE, [join(ROOT, 'dist', 'cli.cjs'), '--workspace', inside(seed), ...words], {
      env: { ...process.env, HEDGEROW_HOME: seed },
      encoding: 'utf8',
    });
    if (done.status !== 0) throw new Error(`the seed: ${words.join(' ')}: ${done.stderr}`);
  }
  process.env.HEDGEROW_E2E_SEED = seed;
  return () => rmSync(seed, { recursive: true, force: true });
}

/** Gives an empty home a copy of the seed, under the recent workspaces. */
export function plantSeed(home: string): void {
  const seed = process.env.HEDGEROW_E2E_SEED;
  if (!seed) return;
  cpSync(join(seed, 'workspaces'), join(home, 'workspaces'), { recursive: true });
  writeFileSync(join(home, 'recent.json'), JSON.stringify([{ dir: inside(home), openedAt: new Date().toISOString() }]));
}
