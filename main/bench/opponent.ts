/** The C opponent: the same algorithm in C (gcc -O3 -march=native, 256-bit vectors, four stocks at once), fifteen outputs into a small reused buffer. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECTORS, SUBSECTORS, type Universe } from './universe.ts';

export interface Opponent {
  /** Nanoseconds per (stock, date) of the fastest of some passes; window 252. */
  run(variant: 'vh' | 'vhcorr', threads: number): number;
  close(): void;
}

/** Compiles the opponent and hands it the universe; a text when it cannot be had. */
export function createOpponent(universe: Universe): Opponent | string {
  const folder = process.env.HEDGEROW_BENCH_OPPONENTS;
  if (folder === undefined || !existsSync(join(folder, 'cbench.c'))) return 'no HEDGEROW_BENCH_OPPONENTS folder with cbench.c';
  const work = mkdtempSync(join(tmpdir(), 'cascade-bench-'));
  const close = () => rmSync(work, { recursive: true, force: true });
  const program = join(work, 'cbench');
  try {
    const flags = ['-O3', '-march=native', '-w', '-DLANES=4'];
    execFileSync('gcc', [...flags, '-o', program, join(folder, 'cbench.c'), '-lpthread', '-lm'], { stdio: 'pipe' });
  } catch (error) {
    close();
    return `gcc: ${(error as Error).message.split('\n')[0]}`;
  }
  writeUniverse(universe, work);
  return {
    run(variant, threads) {
      const data = variant === 'vh' ? 'full' : 'miss';
      const line = execFileSync(program, [variant, String(threads), 'tile', data, '25', '0', work], { encoding: 'utf8' });
      return (JSON.parse(line) as { ns_min: number }).ns_min;
    },
    close,
  };
}

/** Writes a universe as the opponents read it. */
export function writeUniverse(universe: Universe, work: string): void {
  const { dates } = universe;
  const write = (name: string, data: ArrayBufferView) =>
    writeFileSync(join(work, name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const joined = (rows: readonly Float64Array[]) => {
    const all = new Float64Array(rows.length * dates);
    rows.forEach((row, i) => all.set(row, i * dates));
    return all;
  };
  write('ret_full.f64', joined(universe.full));
  write('ret_miss.f64', joined(universe.missing));
  write('etf.f64', joined([universe.market, ...universe.sectors, ...universe.subsectors]));
  write('grp.i32', universe.group);
  write(
    'u2s.i32',
    Int32Array.from({ length: SUBSECTORS }, (_, k) => k % SECTORS),
  );
  writeFileSync(join(work, 'meta.json'), `{"N": ${universe.full.length}, "T": ${dates}, "NS": ${SECTORS}, "NU": ${SUBSECTORS}}`);
}
