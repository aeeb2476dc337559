/** Layouts a user defines (broker-formats C9): columns, constants, vocabularies, number format. */
import { HedgerowError } from '../../contract/errors.ts';
import { cannotWrite, spellSymbol, type Format } from './format.ts';
import { TEMPLATE_NAME, type OrderTemplate, type TemplateColumn } from './profile.ts';
import { isBuy, ORDER_FIELDS, type OrderField, type OrderRecord } from './records.ts';
import { tableFormat, type Column } from './table.ts';

const DEFAULTS: Omit<OrderTemplate, 'name' | 'columns'> = {
  ...{ delimiter: ',', quotes: 'needed', header: true, eol: '\r\n', extension: 'csv' },
  ...{ symbolStyle: 'dot', decimalMark: '.', thousands: '' },
};
const CHOICES: Readonly<Record<keyof typeof DEFAULTS, readonly unknown[]>> = {
  delimiter: [',', ';', '\t', '|'],
  quotes: ['needed', 'always', 'never'],
  header: [true, false],
  eol: ['\r\n', '\n'],
  extension: ['csv', 'txt'],
  symbolStyle: ['dot', 'slash', 'space', 'dash', 'bbg', 'none'],
  decimalMark: ['.', ','],
  thousands: ['', ',', '.', ' ', "'"],
};
/** Without these an order is not said. */
const NEEDED: readonly OrderField[] = ['symbol', 'side', 'quantity'];
const NUMBERS: readonly OrderField[] = ['quantity', 'limitPrice', 'refPrice', 'estNotional'];

/**
 * A template from parsed JSON: `name` and `columns` (see `TemplateColumn`); the rest has defaults (comma, quotes when
 * needed, header, CRLF, `.csv`, BRK.B, `1234.50`). Throws `usage` naming what is wrong, also for unknown properties.
 */
export function parseTemplate(json: unknown): OrderTemplate {
  const { name, columns, ...options } = object(json, 'The template');
  if (typeof name !== 'string' || !TEMPLATE_NAME.test(`template:${name}`))
    throw wrong('its name must be letters, digits, spaces, _ and -, at most 40');
  for (const [key, value] of Object.entries(options)) {
    const choices = Object.hasOwn(CHOICES, key) ? CHOICES[key as keyof typeof CHOICES] : undefined;
    if (choices === undefined) throw wrong(`${key} is not a property`);
    if (!choices.includes(value)) throw wrong(`${key} is ${JSON.stringify(value)}; it may be ${JSON.stringify(choices)}`);
  }
  if (!Array.isArray(columns)) throw wrong('columns must be a list');
  const template: OrderTemplate = { ...DEFAULTS, ...options, name, columns: columns.map(parseColumn) };
  const fields = template.columns.flatMap((column) => ('field' in column ? [column.field] : []));
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice) throw wrong(`${twice} has two columns`);
  const missing = NEEDED.find((field) => !fields.includes(field));
  if (missing) throw wrong(`no column holds the ${missing}`);
  if (template.thousands === template.decimalMark) throw wrong('thousands and decimalMark are the same');
  return template;
}

function parseColumn(json: unknown, index: number): TemplateColumn {
  const where = `column ${index + 1}`;
  const column = object(json, where);
  const { header } = column;
  const allowed = 'constant' in column ? ['header', 'constant'] : ['header', 'field', 'map', 'decimals'];
  const unknown = Object.keys(column).find((key) => !allowed.includes(key));
  if (unknown) throw wrong(`${where}: ${unknown} is not a property beside ${allowed.join(', ')}`);
  if (typeof header !== 'string' || header === '') throw wrong(`${where} has no header`);
  if ('constant' in column) {
    if (typeof column['constant'] !== 'string') throw wrong(`${where}: constant must be a text`);
    return { header, constant: column['constant'] };
  }
  const field = ORDER_FIELDS.find((known) => known === column['field']);
  if (!field) throw wrong(`${where}: field must be one of ${ORDER_FIELDS.join(', ')}`);
  const { map, decimals } = column;
  if (map !== undefined && (NUMBERS.includes(field) || Object.values(object(map, where)).some((code) => typeof code !== 'string')))
    throw wrong(`${where}: map must give a text for each value, and not for numbers`);
  if (
    decimals !== undefined &&
    !(['limitPrice', 'refPrice', 'estNotional'].includes(field) && [0, 1, 2, 3, 4, 5, 6].includes(decimals as number))
  )
    throw wrong(`${where}: decimals are 0 to 6, for limitPrice, refPrice and estNotional`);
  return {
    ...{ header, field },
    ...(map === undefined ? {} : { map: map as Record<string, string> }),
    ...(decimals === undefined ? {} : { decimals: decimals as number }),
  };
}

export function templateFormat(template: OrderTemplate): Format {
  const columns = template.columns.map((column): Column =>
    'field' in column ? { header: column.header, field: column.field, spell: (record) => spell(column, record, template) } : column,
  );
  return tableFormat({ ...template, version: 1, columns });
}

function spell(column: Extract<TemplateColumn, { field: OrderField }>, record: OrderRecord, template: OrderTemplate): string {
  const { field, map, header } = column;
  const text = record[field];
  if (map) {
    if (Object.hasOwn(map, text)) return map[text]!;
    throw cannotWrite(`Template ${template.name} has no code for ${JSON.stringify(text)} in column ${header}.`, 'Add it to the map.');
  }
  if (field === 'symbol') return spellSymbol(text, template.symbolStyle);
  if (!NUMBERS.includes(field) || text === '') return text;
  // A limit is never worse than asked.
  const round = field !== 'limitPrice' ? 'half' : isBuy(record) ? 'down' : 'up';
  const number = numberText(text, template, column.decimals, round);
  if (field !== 'limitPrice' || /[1-9]/.test(number)) return number;
  throw cannotWrite(`Template ${template.name} has too few decimals for the limit ${text} in column ${header}.`, 'Give it more.');
}

type Round = 'half' | 'down' | 'up';

/** A decimal in the template's marks; to fewer decimals by `round`, half of the last one up. */
function numberText(text: string, { decimalMark, thousands }: OrderTemplate, decimals: number | undefined, round: Round): string {
  let [whole = '', part = ''] = text.split('.');
  if (decimals !== undefined) {
    const scaled = BigInt(whole + part.padEnd(6, '0'));
    const unit = 10n ** BigInt(6 - decimals);
    const more = { half: unit / 2n, down: 0n, up: unit - 1n }[round];
    const digits = String((scaled + more) / unit).padStart(decimals + 1, '0');
    [whole, part] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
  }
  return whole.replace(/\B(?=(\d{3})+$)/g, thousands) + (part === '' ? '' : decimalMark + part);
}

function object(json: unknown, what: string): Record<string, unknown> {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw wrong(`${what} is not an object`);
  return json as Record<string, unknown>;
}

function wrong(what: string): HedgerowError {
  return new HedgerowError('usage', `The order template cannot be used: ${what}.`, 'Correct the template.');
}
