import { mkdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { sourceEnvironment } from '../core/environment.ts';
import { importFile } from '../core/imports.ts';
import { attribution } from '../core/risk/attribution.ts';
import { effectiveness } from '../core/risk/effectiveness.ts';
import { startRun } from '../core/runs.ts';
import { closeSession, openSession } from '../core/session.ts';
import { dayOfSession, sessionAtOrBefore } from '../calendar/index.ts';
import { formatIsoDay, parseIsoDay } from '../contract/units.ts';
import { benchDay, folderOf, makeWorkspace, stockCode } from './workspace.ts';
const SPEC = { stocks: 600, dates: 1450, data: 'complete' } as const;
const folder = folderOf('/tmp', SPEC);
const env = { ...sourceEnvironment('/work/w-c'), today: benchDay() };
const fresh = !existsSync(folder);
if (fresh) makeWorkspace(folder, SPEC);
const session = await openSession(env as any, folder, { desk: true });
if (fresh) {
  const last = sessionAtOrBefore(parseIsoDay(benchDay())!);
  const { commitBatch } = await import('../../db/index.ts');
  for (let k = 0; k < 990; k++) {
    const day = formatIsoDay(dayOfSession((last - 989 + k) as any));
    const lines = ['account,ticker,quantity,as_of'];
    for (let i = 0; i < 200; i++) lines.push(`FUND,${stockCode((i * 3 + Math.floor((k + i) / 50)) % SPEC.stocks)},${1000 + ((i * 7 + k) % 500)},${day}`);
    writeFileSync('/tmp/h.csv', lines.join('\n') + '\n');
    await importFile(session, '/tmp/h.csv', {});
    if (k % 100 === 0) console.log(k);
  }
  await startRun(session, {});
}
for (const [name, ask] of [['attr year', () => attribution(session, { weights: 'dated' })], ['eff', () => effectiveness(session, { weights: 'dated' })], ['eff again', () => effectiveness(session, { weights: 'dated' })]] as const) {
  const t = performance.now(); const v = await ask(); console.log(name, Math.round(performance.now() - t), JSON.stringify(v).length);
}
await closeSession(session);
