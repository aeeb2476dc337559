/** CSV of `export metrics`: one row per security and date (CLI.md). Bytes are written directly; this is the hot path. */
import { HedgerowError } from '../../contract/errors.ts';

/** A column of the file. */
export interface MetricsColumn {
  /** Name in the header, wire or long. */
  readonly name: string;
  /** Field index into the tile. */
  readonly index: number;
  /** For a bit mask: the names of the bits set, written joined by `|`. Absent for numbers. */
  readonly names?: (mask: number) => readonly string[];
}

/** Rows of one security, oldest first. */
export interface MetricsTile {
  /** Field-major: `values[field * rowCount + row]`; NaN = missing. */
  readonly values: Float64Array;
  readonly rowCount: number;
  /** ISO day per row, and the ticker valid on it. */
  readonly dates: readonly string[];
  readonly tickers: readonly string[];
  /** 1 = the row exists; absent: all do. */
  readonly present?: Uint8Array;
}

/** Longest double as text: -2.2250738585072014e-308 and its comma. */
const CELL_BYTES = 25;
const CACHE = 512;
const COMMA = 44;
const LINE_END = 10;
const MINUS = 45;

/**
 * Head of the file: optional lineage as `# key: value` lines, then `date,ticker,` and the columns. Line ends inside a
 * value become spaces, so that a lineage can never add a data row.
 */
export function metricsHeader(columns: readonly MetricsColumn[], lineage: readonly (readonly [string, string])[] = []): string {
  const head = lineage.map(([key, value]) => `# ${key}: ${value}`.replace(/[\r\n]+/g, ' '));
  return [...head, ['date', 'ticker', ...columns.map(({ name }) => name)].join(','), ''].join('\n');
}

/**
 * Rows of one tile as UTF-8 bytes, LF line ends. Missing is empty; a number is in its shortest form that reads back to
 * the same bits. Tiles formatted in order of ticker and date make the whole file.
 * Throws `internal` for an infinity, which no field may hold.
 */
export function formatMetrics(columns: readonly MetricsColumn[], tile: MetricsTile): Uint8Array<ArrayBuffer> {
  const { values, rowCount, dates, tickers, present } = tile;
  const encoder = new TextEncoder();
  const texts = new Map<string, Uint8Array>();
  const encoded = (text: string): Uint8Array => {
    let bytes = texts.get(text);
    if (bytes === undefined) texts.set(text, (bytes = encoder.encode(cell(text))));
    return bytes;
  };
  let out = new Uint8Array(rowCount * (columns.length * 13 + 24) + 4096);
  // Values recur inside a row (ratio and exposure, levels that repeat): remember where one was last written. Converting a
  // double costs ten times a copy. The cache holds positions in `out`, which stay valid when it grows.
  const cachedValue = new Float64Array(CACHE).fill(NaN);
  const cachedAt = new Int32Array(CACHE);
  const cachedLength = new Int32Array(CACHE);
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  const offsets = Int32Array.from(columns, ({ index }) => index * rowCount);
  const masks = columns.flatMap(({ names }, column) => (names ? [{ column, names }] : []));
  const flags: (Uint8Array | null)[] = columns.map(() => null);
  let at = 0;
  for (let row = 0; row < rowCount; row++) {
    if (present !== undefined && present[row] !== 1) continue;
    const date = dates[row]!;
    const ticker = encoded(tickers[row]!);
    let most = date.length + ticker.length + columns.length * CELL_BYTES + 2;
    for (const { column, names } of masks) {
      const text = flagBytes(values[offsets[column]! + row]!, names, encoded);
      flags[column] = text;
      most += text.length;
    }
    if (at + most > out.length) {
      const larger = new Uint8Array(Math.max(out.length * 2, at + most));
      larger.set(out.subarray(0, at));
      out = larger;
    }
    for (let i = 0; i < date.length; i++) out[at++] = date.charCodeAt(i);
    out[at++] = COMMA;
    out.set(ticker, at);
    at += ticker.length;
    for (let c = 0; c < columns.length; c++) {
      out[at++] = COMMA;
      const special = flags[c]!;
      if (special !== null) {
        out.set(special, at);
        at += special.length;
        continue;
      }
      let x = values[offsets[c]! + row]!;
      if (x !== x) continue;
      if (x < 0 || Object.is(x, -0)) {
        out[at++] = MINUS;
        x = -x;
      }
      double[0] = x;
      const slot = (words[0]! ^ (words[0]! >>> 9) ^ words[1]!) & (CACHE - 1);
      if (cachedValue[slot] === x) {
        const length = cachedLength[slot]!;
        for (let i = 0, from = cachedAt[slot]!; i < length; i++) out[at + i] = out[from + i]!;
        at += length;
        continue;
      }
      if (x === Infinity) throw infinite(columns[c]!.name, tickers[row]!, date);
      const text = String(x);
      cachedValue[slot] = x;
      cachedAt[slot] = at;
      cachedLength[slot] = text.length;
      for (let i = 0; i < text.length; i++) out[at++] = text.charCodeAt(i);
    }
    out[at++] = LINE_END;
  }
  return out.slice(0, at);
}

function flagBytes(mask: number, names: (mask: number) => readonly string[], encoded: (text: string) => Uint8Array): Uint8Array {
  return encoded(mask !== mask || mask === 0 ? '' : names(mask).join('|'));
}

/** RFC 4180 quoting for the odd ticker that needs it. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function infinite(field: string, ticker: string, date: string): HedgerowError {
  return new HedgerowError(
    'internal',
    `${field} of ${ticker} on ${date} is infinite.`,
    'Report this with the run; the export was stopped.',
  );
}
