import { describe, expect, it } from 'vitest';
import {
  buildManifest,
  exportRecord,
  manifestText,
  ORDER_FORMATS,
  parseTemplate,
  verifyManifest,
  verifyOrderSet,
  writeCheckedOrders,
  type OrderFormat,
  type OrderProfile,
  type RecordedExport,
} from './index.ts';
import { basket, order, sha256 } from './testing/sample.ts';

const template = parseTemplate({
  ...{ name: 'T', thousands: ',' },
  columns: ['side', 'account', 'symbol', 'quantity'].map((field) => ({ header: field, field })),
});
const words = { sides: { SELL_SHORT: 'SHRT', BUY_TO_COVER: 'COVR' } };

/** File, manifest and what the journal kept of one export, as they come back from disk. */
function exported(format: OrderFormat, profile: OrderProfile = { emsx: words, template }) {
  const one = format === 'alpaca' || format === 'tradier';
  const orders = one
    ? basket.filter(({ account }) => account === 'ACCT01')
    : [...basket, order({ orderId: 'H260306A7K3Q06', symbol: 'IWM' })];
  const text = writeCheckedOrders(format, 'R12', orders, profile);
  const manifest = buildManifest(
    {
      ...{ appVersion: '0.1.0', runId: 'R12', createdAt: '2026-03-06T21:30:00Z', inputs: [], hedgeSpec: {}, checks: [], legs: [], orders },
      asOf: { holdings: null, prices: null, risk_model: null },
      simulated: false,
      output: { file: 'orders.out', format, profile, text },
    },
    sha256,
  );
  const own = manifestText(manifest);
  const journal: RecordedExport[] = [{ ...exportRecord(manifest, own, sha256), seq: 3 }];
  return { text, manifest: own, journal: JSON.parse(JSON.stringify(journal)) as RecordedExport[], count: orders.length };
}

describe('verifyOrderSet', () => {
  it.each([...ORDER_FORMATS, 'template:T'] as OrderFormat[])(
    '%s: passes what is whole, names the first altered line of what is not',
    (format) => {
      const { text, manifest, journal, count } = exported(format);
      const check = (file = text, own = manifest, chain: RecordedExport[] | null = journal) => verifyOrderSet(file, own, chain, sha256);
      expect(check()).toMatchObject({ ok: true, part: 'orders', line: null });
      expect(check().message).toBe(`orders.out: ${count} orders, ${text.length} bytes, unaltered. Recorded as journal entry 3.`);
      expect(check(text, manifest, null)).toMatchObject({ ok: true, message: expect.stringMatching(/No journal was checked\.$/) });
      const lines = text.split(/(?<=\n)/);
      lines.forEach((_, index) => {
        const altered = lines.with(index, lines[index]!.replace(/.(?=\r?\n$)/, '~')).join('');
        expect(check(altered)).toMatchObject({ ok: false, part: 'orders', line: index + 1 });
        expect(check(lines.toSpliced(index, 1).join(''))).toMatchObject({ ok: false, part: 'orders', line: index + 1 });
      });
      expect(check(text + lines.at(-1))).toMatchObject({ ok: false, line: lines.length + 1, message: expect.stringMatching(/was added/) });
    },
  );

  it('names the first altered line of a manifest, also when it fits an altered file', () => {
    const { text, manifest, journal } = exported('ems');
    const own = manifest.split('\n');
    const at = own.findIndex((line) => line.includes('"app_version"'));
    const altered = manifest.replace('0.1.0', '0.1.1');
    expect(verifyOrderSet(text, altered, journal, sha256)).toEqual({
      ...{ ok: false, part: 'manifest', line: at + 1 },
      message: `The manifest of orders.out: line ${at + 1} is not as recorded in journal entry 3.`,
    });
    const file = text.replace(',410,', ',411,');
    const forged = buildForged(manifest, file);
    expect(verifyOrderSet(file, forged, null, sha256).part).toBe('manifest');
    expect(verifyOrderSet(file, forged, journal, sha256)).toMatchObject({ ok: false, part: 'manifest', line: expect.any(Number) });
    expect(verifyOrderSet(text, `${manifest}\n`, journal, sha256)).toMatchObject({ part: 'manifest', line: own.length });
    expect(verifyOrderSet(text, '{', null, sha256)).toMatchObject({ ok: false, part: 'manifest' });
    expect(verifyOrderSet(text, '{}', null, sha256)).toMatchObject({ ok: false, part: 'manifest' });
    expect(verifyOrderSet('x', '{}', journal, sha256)).toMatchObject({ ok: false, part: 'journal', line: null });
  });

  /** All hashes of the file made to fit again; only the totals are left as they were. */
  function buildForged(manifest: string, file: string): string {
    const parsed = JSON.parse(manifest) as ReturnType<typeof buildManifest>;
    const hex = (text: string) => Buffer.from(sha256(text)).toString('hex');
    const hashes = file.split(/(?<=\n)/).map((line) => hex(line).slice(0, 16));
    return manifestText({ ...parsed, output: { ...parsed.output, sha256: hex(file), line_hashes: hashes } });
  }

  it('the totals of a manifest must be those of the file', () => {
    const { text, manifest } = exported('fix44', { fix: { message: 'list' } });
    const parsed = JSON.parse(manifest) as ReturnType<typeof buildManifest>;
    expect(parsed.output.line_hashes).toHaveLength(1);
    expect(parsed.output).toMatchObject({ rows: 6, format_profile: { fix: { message: 'list' } } });
    expect(verifyManifest(parsed, text, sha256).ok).toBe(true);
    const more = { ...parsed, orders: { ...parsed.orders, count: 7 }, output: { ...parsed.output, rows: 7 } };
    expect(verifyManifest(more, text, sha256)).toMatchObject({ ok: false, line: null });
  });

  it('says when the journal knows no such export', () => {
    const { text, manifest } = exported('generic');
    expect(verifyOrderSet(text, manifest, [], sha256)).toMatchObject({ part: 'journal', line: null, ok: false });
    // After a restore, say: one that the journal does know is only among those that this one supersedes.
    const parsed = JSON.parse(manifest) as ReturnType<typeof buildManifest>;
    const later = manifestText({
      ...{ ...parsed, run_id: 'R13', supersedes: [{ order_set: 1, run_id: 'R12', file: 'before.csv' }] },
      output: { ...parsed.output, sha256: 'other' },
    });
    const before = exported('ems').journal.map((one) => ({ ...one, file: 'before.csv' }));
    expect(verifyOrderSet(`${text}x`, later, before, sha256)).toMatchObject({ part: 'journal', line: null, ok: false });
  });
});
