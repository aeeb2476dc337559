/** The manifest beside an order file (broker-formats C9): what it holds, where it comes from, how to tell it was altered. */
import type { Check, HedgeLeg, HedgeOrder } from '../../contract/results.ts';
import { formatVersion, readOrders } from './files.ts';
import { canonicalJson } from './json.ts';
import type { OrderFormat, OrderProfile } from './profile.ts';
import { toRecords, type OrderRecord, type Sha256 } from './records.ts';

/** What was exported before a set. */
export interface ExportedBefore {
  /** Run of the latest other set with an order in the same accounts; null when there is none. */
  readonly previous_run_id: string | null;
  /** Exports of other sets with an order of the same account and ETF, which may be working still: these orders are instead of them. */
  readonly supersedes: readonly { readonly order_set: number; readonly run_id: string; readonly file: string }[];
  /** The first export of the same set, to the byte the same orders; null for the first. */
  readonly re_export: { readonly mark: 'RE-EXPORT'; readonly of: string; readonly sha256: string; readonly at_utc: string } | null;
}

export interface ManifestInput {
  readonly appVersion: string;
  readonly runId: string;
  /** ISO instant in UTC. */
  readonly createdAt: string;
  /** The frozen set the file is made from. */
  readonly orderSet?: {
    readonly id: number;
    readonly sha256: string;
    readonly frozen_at_utc: string;
    readonly created_by: string;
    /** `self`: whoever exports, where no second person is asked for. */
    readonly approved_by: readonly { readonly by: string; readonly at_utc: string }[];
  };
  /** ISO days. */
  readonly asOf: { readonly holdings: string | null; readonly prices: string | null; readonly risk_model: string | null };
  readonly inputs: readonly {
    readonly file: string;
    readonly sha256: string;
    readonly adapter: string;
    readonly as_of: string | null;
    readonly accounts: readonly string[];
  }[];
  /** Request, settings and whatever else fixes the hedge. */
  readonly hedgeSpec: unknown;
  readonly checks: readonly Check[];
  /** Why failed checks that block were overridden, and by whom, if they were. */
  readonly override?: { readonly reason: string; readonly by: string };
  readonly before?: ExportedBefore;
  readonly orders: readonly HedgeOrder[];
  readonly legs: readonly HedgeLeg[];
  readonly simulated: boolean;
  readonly output: {
    readonly file: string;
    readonly format: OrderFormat;
    /** What the file was written with, when that is not the default. */
    readonly profile?: OrderProfile;
    readonly text: string;
  };
}

export interface Manifest extends Partial<ExportedBefore> {
  readonly schema_version: 1;
  readonly app_version: string;
  readonly run_id: string;
  readonly created_at_utc: string;
  readonly simulated: boolean;
  readonly order_set?: ManifestInput['orderSet'];
  readonly as_of: ManifestInput['asOf'];
  readonly inputs: ManifestInput['inputs'];
  readonly hedge_spec: unknown;
  readonly checks: readonly Check[];
  readonly override_reason: string | null;
  readonly override_by?: string | null;
  readonly orders: {
    readonly count: number;
    /** Dollars at the reference prices, sells negative in `net_notional`, to the cent. */
    readonly gross_notional: number;
    readonly net_notional: number;
    readonly by_side: Readonly<Record<string, { readonly count: number; readonly quantity: number; readonly notional: number }>>;
  };
  /** Dollars per ETF: exposure before, after the exact trade, after whole shares, and what rounding or a dropped order left. */
  readonly residual: Readonly<
    Record<
      string,
      {
        readonly before: number;
        readonly after: number;
        readonly rounded: number;
        readonly rounding: number;
        readonly dropped: string | null;
      }
    >
  >;
  readonly output: {
    readonly file: string;
    readonly format_id: OrderFormat;
    readonly format_version: number;
    readonly format_profile?: OrderProfile;
    readonly bytes: number;
    /** Orders in the file. */
    readonly rows: number;
    readonly sha256: string;
    /** First 16 hex digits of the SHA-256 of each line with its line end. */
    readonly line_hashes: readonly string[];
  };
}

/** Builds the manifest of an order file. Deterministic: all times come from the input. */
export function buildManifest(input: ManifestInput, sha256: Sha256): Manifest {
  const { text, file, format, profile } = input.output;
  const lines = splitLines(text);
  return {
    schema_version: 1,
    app_version: input.appVersion,
    run_id: input.runId,
    created_at_utc: input.createdAt,
    simulated: input.simulated,
    ...(input.orderSet === undefined ? {} : { order_set: input.orderSet }),
    as_of: input.asOf,
    inputs: input.inputs,
    hedge_spec: input.hedgeSpec,
    checks: input.checks,
    override_reason: input.override?.reason ?? null,
    override_by: input.override?.by ?? null,
    ...input.before,
    orders: orderTotals(toRecords(input.runId, input.orders, profile)),
    residual: Object.fromEntries(
      input.legs.map(({ etf, before, after, rounded, dropped }) => [etf, { before, after, rounded, rounding: rounded - after, dropped }]),
    ),
    output: {
      file,
      format_id: format,
      format_version: formatVersion(format, profile),
      ...(profile === undefined ? {} : { format_profile: profile }),
      bytes: new TextEncoder().encode(text).length,
      rows: input.orders.length,
      sha256: hex(sha256(text)),
      line_hashes: lines.map((line) => lineHash(line, sha256)),
    },
  };
}

/** Text of the manifest file: sorted keys, two spaces, final line end. */
export function manifestText(manifest: Manifest): string {
  return `${canonicalJson(manifest, 2)}\n`;
}

export interface Verification {
  readonly ok: boolean;
  /** First altered, missing or added line, from 1; null when it cannot be told or nothing is wrong. */
  readonly line: number | null;
  readonly message: string;
}

/**
 * Checks an order file's text (decoded without dropping a BOM) against its manifest: length, hash, and line by line to
 * name the first altered one.
 */
export function verifyManifest(manifest: Manifest, fileText: string, sha256: Sha256, name?: string): Verification {
  const { output, orders } = manifest;
  const file = fileWords(output.file, name);
  const lines = splitLines(fileText);
  const altered = output.line_hashes.findIndex((hash, index) => index >= lines.length || hash !== lineHash(lines[index]!, sha256));
  if (hex(sha256(fileText)) !== output.sha256) {
    const line = altered >= 0 ? altered + 1 : lines.length > output.line_hashes.length ? output.line_hashes.length + 1 : null;
    if (line === null)
      return bad(null, `${file} is not the file this manifest describes, though every line agrees: the manifest was altered.`);
    const what = line > lines.length ? 'is missing' : line > output.line_hashes.length ? 'was added' : 'was altered';
    return bad(line, `${file}: line ${line} ${what}.`);
  }
  if (altered >= 0 || lines.length !== output.line_hashes.length || orders.count !== output.rows || !holdsTotals(manifest, fileText)) {
    return bad(null, `${file} is whole, but its manifest was altered: lines and totals disagree.`);
  }
  return { ok: true, line: null, message: `${file}: ${output.rows} orders, ${output.bytes} bytes, unaltered.` };
}

/** A checked file by its name now, and by the one it was exported under where that was another. */
export const fileWords = (exported: string, name = exported): string => (name === exported ? name : `${name} (exported as ${exported})`);

/** Whether the orders in the file are as many, of as many shares, as the manifest says. Layouts of other versions pass unread. */
function holdsTotals({ output, orders }: Manifest, fileText: string): boolean {
  const { format_id: format, format_profile: profile } = output;
  const sides = Object.values(orders.by_side);
  try {
    if (output.format_version !== formatVersion(format, profile)) return true;
    // Without the thousands marks of a template.
    const quantities = readOrders(format, fileText, profile).map(({ quantity }) => Number(quantity!.replace(/\D/g, '')));
    return (
      quantities.length === output.rows &&
      sum(sides.map(({ count }) => count)) === output.rows &&
      sum(sides.map(({ quantity }) => quantity)) === sum(quantities)
    );
  } catch {
    return false;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function bad(line: number | null, message: string): Verification {
  return { ok: false, line, message };
}

/** Summed in whole cents from the notionals as written, so that the totals agree with the file to the cent. */
function orderTotals(records: readonly OrderRecord[]): Manifest['orders'] {
  const bySide: Record<string, { count: number; quantity: number; notional: number }> = {};
  let gross = 0;
  let net = 0;
  for (const { side, quantity, estNotional } of records) {
    const cents = Number(estNotional.replace('.', ''));
    const sum = (bySide[side] ??= { count: 0, quantity: 0, notional: 0 });
    sum.count++;
    sum.quantity += Number(quantity);
    sum.notional += cents;
    gross += cents;
    net += side === 'BUY' || side === 'BUY_TO_COVER' ? cents : -cents;
  }
  for (const sum of Object.values(bySide)) sum.notional /= 100;
  return { count: records.length, gross_notional: gross / 100, net_notional: net / 100, by_side: bySide };
}

/** Lines with their line ends, so that a changed line end alters its line. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export function lineHash(line: string, sha256: Sha256): string {
  return hex(sha256(line)).slice(0, 16);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
