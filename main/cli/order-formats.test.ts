import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, scratch } from './testing/cli.ts';

const OVERRIDE = ['--override', 'every layout of one hedge'];

interface ManifestFile {
  readonly output: { readonly sha256: string; readonly format_id: string; readonly rows: number };
  readonly orders: { readonly count: number };
  readonly override_reason: string | null;
}

describe('hedge --format', () => {
  const folder = scratch();
  const cli = new Cli(folder, 'formats');

  beforeAll(async () => {
    expect((await cli.run('init', '--sample')).code).toBe(0);
    expect((await cli.run('run')).code).toBe(0);
  });

  const manifestOf = (path: string): ManifestFile => JSON.parse(readFileSync(`${path}.manifest.json`, 'utf8')) as ManifestFile;

  it.each(['generic', 'ibkr-basket', 'ems', 'fix42', 'fix44', 'alpaca', 'tradier'])(
    'writes %s with a manifest that agrees',
    async (format) => {
      const path = join(folder, `orders-${format}`);
      const answer = await cli.run('hedge', '--format', format, '--out', path, ...OVERRIDE);
      expect(answer.err).toBe('');
      expect(answer.code).toBe(0);
      const manifest = manifestOf(path);
      expect(manifest.output).toMatchObject({ format_id: format, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') });
      expect(manifest.output.rows).toBe(manifest.orders.count);
      expect(manifest.orders.count).toBeGreaterThan(10);
    },
  );

  it('writes EMSX only once the desk has named its words for short sides', async () => {
    const path = join(folder, 'orders-emsx');
    const refused = await cli.run('hedge', '--format', 'emsx', '--out', path, ...OVERRIDE);
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/SELL_SHORT/);
    const profile = cli.file('emsx.json', JSON.stringify({ emsx: { sides: { SELL_SHORT: 'SHRT', BUY_TO_COVER: 'COVR' } } }));
    const written = await cli.run('hedge', '--format', 'emsx', '--profile', profile, '--out', path, ...OVERRIDE);
    expect(written.err).toBe('');
    expect(readFileSync(path, 'utf8')).toMatch(/ US Equity,SHRT,\d+,/);
  });

  it.each([
    ['generic', /,FDN,.*,REQUIRED,,/, /,IAI,.*,LOCATED,L-2,/],
    ['ems', /,FDN,.*,USD,Y,,,/, /,IAI,.*,USD,N,PB,L-2,/],
    ['emsx', /FDN US Equity.*,Y,,,/, /IAI US Equity.*,Y,PB,L-2,/],
    ['fix42', /\|55=FDN\|.*\|114=Y\|(?!.*\|5700=)/, /\|55=IAI\|.*\|114=N\|.*\|5700=PB\|/],
  ])('tells no broker in %s of a locate that holds no longer on the day the orders are for', async (format, expired, holding) => {
    const locate = { status: 'LOCATED', quantity: 100_000, broker: 'PB' };
    const locates = [
      { ...locate, symbol: 'FDN', expires: '2026-06-30', id: 'L-1' },
      { ...locate, symbol: 'IAI', expires: '2026-07-01', id: 'L-2' },
    ];
    const words = { emsx: { sides: { SELL_SHORT: 'SHRT', BUY_TO_COVER: 'COVR' } } };
    const profile = cli.file(`locates-${format}.json`, JSON.stringify({ locates, ...words }));
    const path = join(folder, `locates-${format}`);
    const written = await cli.run('hedge', '--format', format, '--profile', profile, '--out', path, ...OVERRIDE);
    expect(written.out).toMatch(
      /BLOCK locate: The locate for FDN expired on 2026-06-30, before 2026-07-01\. .* need a locate by the broker: FDN, /,
    );
    const text = readFileSync(path, 'utf8').replaceAll('\u0001', '|');
    expect(text).toMatch(expired);
    expect(text).toMatch(holding);
    expect(text + readFileSync(`${path}.manifest.json`, 'utf8')).not.toContain('L-1');
    expect((await cli.run('verify', path)).code).toBe(0);
  });

  it('names what is wrong with a format, a profile or a template', async () => {
    const out = join(folder, 'never');
    const cases: [string[], RegExp][] = [
      [['--format', 'pdf'], /There is no order format "pdf"/],
      [['--format', 'template:desk'], /needs its template/],
      [['--format', 'ems', '--template', cli.file('t.json', '{}')], /belongs to --format template:NAME/],
      [['--format', 'ems', '--profile', cli.file('p1.json', '{"colour":1}')], /A profile has no "colour"/],
      [['--format', 'ems', '--profile', cli.file('p2.json', '[')], /is not JSON/],
      [['--format', 'ems', '--profile', cli.file('p4.json', '{"cusips":{"SPY":"78462F104"}}')], /The CUSIP of SPY is 78462F104/],
      [
        ['--format', 'ems', '--profile', cli.file('p5.json', '{"cusips":{"IVV":464287200}}')],
        /The CUSIP of IVV is 464287200, which is no text/,
      ],
      [['--format', 'ems', '--profile', cli.file('p3.json', '[]')], /is not a JSON object/],
    ];
    for (const [words, message] of cases) {
      const { code, err } = await cli.run('hedge', ...words, '--out', out, ...OVERRIDE);
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});
