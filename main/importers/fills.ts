/** A file of executions: header with `order_id`, `quantity` and perhaps `price`, one line per execution; what stands above it is not read. */
import { Tokenizer } from './tokenizer.ts';

export interface ParsedFill {
  readonly orderId: string;
  /** Shares; the side is that of the order. 0 where the file says that nothing of the order was filled. */
  readonly quantity: number;
  readonly price: number | null;
  /** The broker's own number of the execution; '' where the file has none. */
  readonly execId: string;
  /** Whether the quantity is headed as what was filled of the order so far. */
  readonly soFar: boolean;
  /** What was traded, as the file says it; '' where it says nothing. */
  readonly symbol: string;
  /** Null where the file says nothing. */
  readonly buys: boolean | null;
  /** What quantity and price beside it would be as one number, cut at its thousands; null where they cannot be. */
  readonly joined: number | null;
  readonly line: number;
  /** Columns from 1 of what may contradict the order. */
  readonly columns: Readonly<Partial<Record<Column, number>>>;
}

export interface FillsProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

const SO_FAR = ['filled', 'filled_qty', 'filled quantity'];
const NAMES = {
  orderId: ['order_id', 'orderid', 'clordid', 'client order id', 'client_order_id'],
  quantity: ['quantity', 'qty', ...SO_FAR, 'last_qty', 'lastqty'],
  price: ['price', 'avg_price', 'fill_price', 'last_px', 'lastpx'],
  execId: ['exec_id', 'execid', 'execution_id', 'execution id', 'trade_id', 'tradeid', 'trade id', 'fill_id', 'fill id'],
  symbol: ['symbol', 'ticker', 'etf', 'instrument'],
  side: ['side', 'action', 'buy/sell', 'b/s'],
} as const;
type Column = keyof typeof NAMES;

/** Columns, of which a file may have several, that say what became of an order or an execution. */
const STATUS = ['status', 'state', 'order_status', 'order status', 'ord_status', 'ordstatus', 'exec_type', 'exectype', 'exec type'];
const FILLED = /^(fill|filled|execut(ed|ion)|trade|traded|done|completed?|f|2)$/i;
/** Of an order in parts: beside the broker's number of an execution its quantity is that of the part. */
const IN_PARTS = /^(partial(ly)?[ _-]?(fill(ed)?|execut(ed|ion))?|1)$/i;

const BUYS = /^(b|buy|bot|bought|bc|cover|buy[ _]to[ _](cover|close|open)|1)$/i;
const SELLS = /^(s|sell|sld|sold|ss|short|sshort|sell[ _]short|sell[ _]short[ _]exempt|sell[ _]to[ _](open|close)|2|5|6)$/i;

/** Reads UTF-8 bytes. Every problem is reported; a file with one is not to be used. */
export function parseFills(file: string, bytes: Uint8Array): { fills: ParsedFill[]; problems: FillsProblem[] } {
  const fills: ParsedFill[] = [];
  const problems: FillsProblem[] = [];
  const decoder = new TextDecoder();
  let places: Partial<Record<Column, number>> | null = null;
  let width = 0;
  let statusAt: readonly number[] = [];
  let soFar = false;
  const { delimiter, headerLine } = headerOf(bytes);
  const tokenizer = new Tokenizer(file, delimiter, (row) => {
    if (row.line < headerLine) return;
    const cells = Array.from({ length: row.count }, (_, i) =>
      decoder.decode(row.bytes.subarray(row.start[i]!, row.end[i]!)).replace(/^\uFEFF/, ''),
    );
    if (cells.every((cell) => cell === '')) return;
    if (!places) {
      places = columnsOf(cells, (column, message, fix) => problems.push({ line: row.line, column, message, fix }));
      width = cells.length;
      statusAt = cells.flatMap((cell, i) => (STATUS.includes(nameOf(cell)) ? [i] : []));
      soFar = SO_FAR.includes(nameOf(cells[places.quantity ?? width]));
      return;
    }
    const at = (column: Column): string => (places![column] === undefined ? '' : (cells[places![column]] ?? ''));
    const wrong = (column: Column, message: string, fix: string): void =>
      void problems.push({ line: row.line, column: (places![column] ?? 0) + 1, message, fix });
    const orderId = at('orderId');
    const quantity = amount(at('quantity'), delimiter);
    const named = at('price') === '' ? null : amount(at('price'), delimiter);
    // A report of orders has a line for those of which nothing was filled, at no price.
    const nothing = quantity === 0 && !named;
    const price = nothing ? null : named;
    const isDone = (i: number): boolean => {
      const status = (cells[i] ?? '').trim();
      return status === '' || FILLED.test(status) || (IN_PARTS.test(status) && at('execId') !== '');
    };
    // What was filled so far is that whatever became of the order; any other quantity may be what was ordered, or was taken back.
    const undone = quantity && !soFar ? statusAt.find((i) => !isDone(i)) : undefined;
    const side = at('side');
    const buys = BUYS.test(side) ? true : SELLS.test(side) ? false : null;
    if (cells.length !== width) {
      // A number with thousands that is not quoted is two cells, and all behind it are read in the wrong columns.
      const message = `The line has ${cells.length} cells, the header ${width}.`;
      problems.push({
        line: row.line,
        column: Math.min(cells.length, width) + 1,
        message,
        fix: 'Put numbers such as "1,234.50" in quotes, or write them without commas.',
      });
    } else if (!/^[A-Z0-9]{1,20}$/.test(orderId))
      wrong('orderId', `“${orderId.slice(0, 40)}” is not an order id.`, 'Use the ids of the order file.');
    else if (quantity === undefined || (quantity === 0 && !nothing))
      wrong('quantity', `“${at('quantity').slice(0, 40)}” is not a number of shares.`, 'Write a number over 0, such as 410.');
    else if (price === undefined || price === 0)
      wrong('price', `“${at('price').slice(0, 40)}” is not a price.`, 'Write a number over 0, such as 612.25, or leave it empty.');
    else if (undone !== undefined)
      problems.push({
        line: row.line,
        column: undone + 1,
        message: `The line is “${cells[undone]!.slice(0, 40)}”: it cannot be told whether its ${quantity} shares were executed.`,
        fix: 'Take the line out, or head the shares that were executed of an order “filled”; executions taken back go with their file.',
      });
    else if (side !== '' && buys === null)
      wrong('side', `“${side.slice(0, 40)}” is no side.`, 'Write BUY, SELL, SELL_SHORT or BUY_TO_COVER.');
    else {
      const columns = Object.fromEntries(Object.entries(places).map(([column, place]) => [column, place + 1]));
      const isBeside = delimiter === ',' && places.price === places.quantity! + 1;
      const joined = isBeside && /^\d{1,3}$/.test(at('quantity')) && /^\d{3}(\.\d+)?$/.test(at('price'));
      fills.push({
        ...{ orderId, quantity, price, joined: joined ? Number(at('quantity') + at('price')) : null },
        execId: at('execId'),
        soFar,
        symbol: at('symbol'),
        buys,
        line: row.line,
        columns,
      });
    }
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

const nameOf = (cell = ''): string => cell.trim().toLowerCase();
const isNamed = (names: readonly string[], column: Column): boolean =>
  names.some((name) => (NAMES[column] as readonly string[]).includes(name));

/** Lines among which the header is looked for. */
export const MOST_ABOVE_HEADER = 30;

/** The first line that names the columns a file rests on, and what is between them; line 1 and commas where there is none. */
function headerOf(bytes: Uint8Array): { readonly delimiter: string; readonly headerLine: number } {
  const lines = new TextDecoder()
    .decode(bytes.subarray(0, 2 ** 16))
    .split(/\r\n|\r|\n/)
    .slice(0, MOST_ABOVE_HEADER);
  for (const [i, line] of lines.entries())
    for (const delimiter of [',', ';', '\t', '|']) {
      const names = line.split(delimiter).map((cell) => nameOf(cell.replace(/^\uFEFF/, '').replace(/^\s*"(.*)"\s*$/, '$1')));
      if (isNamed(names, 'orderId') && isNamed(names, 'quantity')) return { delimiter, headerLine: i + 1 };
    }
  return { delimiter: ',', headerLine: 1 };
}

function columnsOf(
  cells: readonly string[],
  problem: (column: number, message: string, fix: string) => void,
): Partial<Record<Column, number>> {
  const names = cells.map(nameOf);
  const out: Partial<Record<Column, number>> = {};
  for (const column of Object.keys(NAMES) as Column[]) {
    const found = names.flatMap((name, i) => ((NAMES[column] as readonly string[]).includes(name) ? [i] : []));
    if (found.length > 0) out[column] = found[0]!;
    else if (column === 'orderId' || column === 'quantity')
      problem(1, `The header has no column ${NAMES[column][0]}.`, `Name it ${NAMES[column].join(', ')}.`);
    // An order's quantity beside what was filled of it: which one is meant cannot be guessed.
    if (found.length > 1)
      problem(
        found[1]! + 1,
        `The header has two columns for one thing: ${found.map((i) => cells[i]!).join(' and ')}.`,
        'Keep that of the execution.',
      );
  }
  return out;
}

/** A plain number, thousands in groups of three allowed; not between other delimiters, where a comma may be that of a decimal. */
function amount(text: string, delimiter: string): number | undefined {
  const isNumber = /^\$?(\d{1,12}|\d{1,3}(,\d{3}){1,4})(\.\d{1,8})?$/.test(text);
  return isNumber && (delimiter === ',' || !text.includes(',')) ? Number(text.replace(/[$,]/g, '')) : undefined;
}
