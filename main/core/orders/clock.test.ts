/** Days and times of orders where the user's clock is not New York's. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseIsoDay } from '../../contract/units.ts';
import { agedOn } from './checks.ts';

it('holdings are as old in Samoa as in New York, where the session of the day before is still open', () => {
  const day = (text: string) => parseIsoDay(text)!;
  expect(agedOn(day('2026-03-10'), new Date('2026-03-09T14:00:00Z'))).toBe(day('2026-03-09'));
  expect(agedOn(day('2026-03-09'), new Date('2026-03-09T14:00:00Z'))).toBe(day('2026-03-09'));
  // West of it a day is not over before it is.
  expect(agedOn(day('2026-03-08'), new Date('2026-03-09T06:00:00Z'))).toBe(day('2026-03-08'));
  expect(agedOn(day('2026-03-10'), null)).toBe(day('2026-03-10'));
});

it.each([
  ['America/New_York', '2026-03-08T06:59:59Z', '20260308015959'],
  ['America/New_York', '2026-03-09T01:30:00Z', '20260308213000'],
  ['Europe/Berlin', '2026-03-29T01:00:00Z', '20260329030000'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '20261004023000'],
  ['Pacific/Apia', '2026-03-08T11:00:00Z', '20260309000000'],
  ['America/Sao_Paulo', '2026-03-08T02:59:59Z', '20260307235959'],
])('a file of orders is named by the clock of %s', (zone, at, stamp) => {
  const code = `import { orderFileName } from ${JSON.stringify(new URL('table.ts', import.meta.url).href)};
    process.stdout.write(orderFileName('generic', 'csv', '2026-03-06', new Date('${at}')));`;
  const name = execFileSync(process.execPath, ['--input-type=module', '-e', code], { env: { ...process.env, TZ: zone }, encoding: 'utf8' });
  expect(name).toBe(`hedge-generic-2026-03-06-${stamp}.csv`);
});
