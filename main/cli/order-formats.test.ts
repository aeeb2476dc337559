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
