/** A file of executions: header with `order_id`, `quantity` and perhaps `price`, one line per execution. */
import { Tokenizer } from './tokenizer.ts';

export interface ParsedFill {
  readonly orderId: string;
  /** Shares, over 0; the side is that of the order. */
  readonly quantity: number;
  readonly price: number | null;
  readonly line: number;
}

export interface FillsProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

const NAMES = {
  orderId: ['order_id', 'orderid', 'clordid', 'client order id', 'client_order_id'],
  quantity: ['quantity', 'qty', 'filled', 'filled_qty', 'filled quantity', 'last_qty', 'lastqty'],
  price: ['price', 'avg_price', 'fill_price', 'last_px', 'lastpx'],
} as const;
type Column = keyof typeof NAMES;

/** Reads UTF-8 bytes. Every problem is reported; a file with one is not to be used. */
export function parseFills(file: string, bytes: Uint8Array): { fills: ParsedFill[]; problems: FillsProblem[] } {
  const fills: ParsedFill[] = [];
  const problems: FillsProblem[] = [];
  const decoder = new TextDecoder();
  let places: Partial<Record<Column, number>> | null = null;
  const tokenizer = new Tokenizer(file, ',', (row) => {
    const cells = Array.from({ length: row.count }, (_, i) =>
      decoder.decode(row.bytes.subarray(row.start[i]!, row.end[i]!)).replace(/^\uFEFF/, ''),
    );
    if (cells.every((cell) => cell === '')) return;
    if (!places) {
      places = columnsOf(cells);
      for (const column of ['orderId', 'quantity'] as const)
        if (places[column] === undefined)
          problems.push({
            line: row.line,
            column: 1,
            message: `The header has no column ${NAMES[column][0]}.`,
            fix: `Name it ${NAMES[column].join(', ')}.`,
          });
      return;
    }
    const at = (column: Column): string | undefined => (places![column] === undefined ? undefined : (cells[places![column]] ?? ''));
    const wrong = (column: Column, message: string, fix: string): void =>
      void problems.push({ line: row.line, column: (places![column] ?? 0) + 1, message, fix });
    const orderId = at('orderId') ?? '';
    const quantity = amount(at('quantity') ?? '');
    const price = at('price') === undefined || at('price') === '' ? null : amount(at('price')!);
    if (!/^[A-Z0-9]{1,20}$/.test(orderId))
      wrong('orderId', `“${orderId.slice(0, 40)}” is not an order id.`, 'Use the ids of the order file.');
    else if (quantity === undefined)
      wrong('quantity', `“${at('quantity')!.slice(0, 40)}” is not a number of shares.`, 'Write a number over 0, such as 410.');
    else if (price === undefined)
      wrong('price', `“${at('price')!.slice(0, 40)}” is not a price.`, 'Write a number over 0, such as 612.25, or leave it empty.');
    else fills.push({ orderId, quantity, price, line: row.line });
  });
  try {
    tokenizer.push(bytes);
    tokenizer.finish();
  } catch (error) {
    problems.push({ line: 1, column: 1, message: (error as Error).message, fix: 'Save it as comma-separated text.' });
  }
  if (places === null) problems.push({ line: 1, column: 1, message: 'The file is empty.', fix: 'Choose the file of executions.' });
  return { fills, problems };
}

function columnsOf(cells: readonly string[]): Partial<Record<Column, number>> {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const out: Partial<Record<Column, number>> = {};
  for (const column of Object.keys(NAMES) as Column[]) {
    const at = names.findIndex((name) => (NAMES[column] as readonly string[]).includes(name));
    if (at >= 0) out[column] = at;
  }
  return out;
}

/** A plain number over 0, thousands in groups of three allowed. */
function amount(text: string): number | undefined {
  if (!/^\$?(\d{1,12}|\d{1,3}(,\d{3}){1,4})(\.\d{1,8})?$/.test(text)) return undefined;
  const value = Number(text.replace(/[$,]/g, ''));
  return value > 0 ? value : undefined;
}
