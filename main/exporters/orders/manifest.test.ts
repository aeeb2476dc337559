import { describe, expect, it } from 'vitest';
import type { HedgeLeg } from '../../contract/results.ts';
import { buildManifest, canonicalJson, manifestText, verifyManifest, writeOrders, type Manifest, type ManifestInput } from './index.ts';
import { basket, sha256 } from './testing/sample.ts';

const text = writeOrders('generic', 'R12', basket);
const leg: HedgeLeg = {
  ...{
    etf: 'SPY',
    exposure: 251_018.44,
    held: 0,
    heldShares: 0,
    target: -251_018.44,
    modelTarget: -251_018.44,
    trade: -251_018.44,
    price: 612.25,
    priceDay: '2026-03-06',
  },
  ...{ shares: -410, side: 'SELL_SHORT', notional: 251_022.5, before: 251_018.44, after: 0, rounded: -4.06, dropped: null },
};
const input: ManifestInput = {
  appVersion: '0.1.0',
  runId: 'R12',
  createdAt: '2026-03-06T21:30:00Z',
  asOf: { holdings: '2026-03-06', prices: '2026-03-06', risk_model: '2026-03-06' },
  inputs: [{ file: 'holdings.csv', sha256: 'ab', adapter: 'native holdings', as_of: '2026-03-06', accounts: ['ACCT01', 'A-2'] }],
  hedgeSpec: { level: 3, layers: { market: 100, sector: 100, subsector: 100 } },
  checks: [{ id: 'coverage', severity: 'block', status: 'pass', message: '98.0 % modelled.' }],
  orders: basket,
  legs: [leg],
  simulated: false,
  output: { file: 'orders.csv', format: 'generic', text },
};
const manifest = buildManifest(input, sha256);

describe('manifest', () => {
  it('states totals that agree with the file to the cent, sides, residual and hash', () => {
    expect(manifest.orders).toEqual({
      count: 5,
      gross_notional: 258_867.22,
      net_notional: 1745.1 + 0.37 - 612.25 - 5487 - 251_022.5,
      by_side: {
        SELL: { count: 2, quantity: 61, notional: 6099.25 },
        SELL_SHORT: { count: 1, quantity: 410, notional: 251_022.5 },
        BUY_TO_COVER: { count: 1, quantity: 7, notional: 1745.1 },
        BUY: { count: 1, quantity: 3, notional: 0.37 },
      },
    });
    expect(manifest.residual['SPY']).toEqual({ before: 251_018.44, after: 0, rounded: -4.06, rounding: -4.06, dropped: null });
    expect(manifest.output).toMatchObject({
      file: 'orders.csv',
      format_id: 'generic',
      format_version: 1,
      rows: 5,
      bytes: Buffer.byteLength(text),
    });
    expect(manifest.output.sha256).toBe(Buffer.from(sha256(text)).toString('hex'));
    expect(manifest.output.line_hashes).toHaveLength(6);
    expect(manifest).toMatchObject({ schema_version: 1, run_id: 'R12', simulated: false, override_reason: null });
  });

  it('is the same text for the same input, with sorted keys, and survives JSON', () => {
    const again = buildManifest({ ...input, hedgeSpec: { layers: { subsector: 100, sector: 100, market: 100 }, level: 3 } }, sha256);
    expect(manifestText(again)).toBe(manifestText(manifest));
    expect(manifestText(manifest)).toMatch(/^\{\n {2}"app_version"/);
    expect(JSON.parse(manifestText(manifest))).toEqual(manifest);
  });

  it('verifies the file, and names the first altered, missing or added line', () => {
    const check = (altered: string, own: Manifest = JSON.parse(manifestText(manifest))) => verifyManifest(own, altered, sha256);
    expect(check(text)).toEqual({ ok: true, line: null, message: `orders.csv: 5 orders, ${text.length} bytes, unaltered.` });
    expect(check(text.replace(',410,', ',401,'))).toMatchObject({ ok: false, line: 4, message: 'orders.csv: line 4 was altered.' });
    expect(check(text.replace('cusip', 'CUSIP'))).toMatchObject({ ok: false, line: 1 });
    expect(check('\uFEFF' + text)).toMatchObject({ ok: false, line: 1 });
    expect(check(text.replaceAll('\r\n', '\n'))).toMatchObject({ ok: false, line: 1 });
    const lines = text.split(/(?<=\n)/);
    expect(check(lines.slice(0, -1).join(''))).toMatchObject({ ok: false, line: 6, message: 'orders.csv: line 6 is missing.' });
    expect(check(text + lines[5])).toMatchObject({ ok: false, line: 7, message: 'orders.csv: line 7 was added.' });
    expect(check('')).toMatchObject({ ok: false, line: 1, message: 'orders.csv: line 1 is missing.' });
    const forged = { ...manifest, output: { ...manifest.output, sha256: '0'.repeat(64) } };
    expect(check(text, forged)).toMatchObject({ ok: false, line: null });
    expect(check(text, { ...manifest, orders: { ...manifest.orders, count: 4 } })).toMatchObject({ ok: false, line: null });
  });

  it('never turns a missing number into null silently', () => {
    expect(() => canonicalJson({ a: [Infinity] })).toThrow('Infinity');
    expect(canonicalJson({ b: undefined, a: [1, null, 'x'], A: 0 })).toBe('{"A":0,"a":[1,null,"x"]}');
  });
});
