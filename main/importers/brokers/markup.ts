/** A small scanner for XML and for the SGML of OFX: elements, attributes, text. No DTD, no entities of its own. */
import type { Book } from './book.ts';

export interface Element {
  /** Without namespace prefix. */
  readonly name: string;
  readonly line: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const MAX_DEPTH = 100;
const MAX_ELEMENTS = 5_000_000;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** The five entities of XML and numbers; anything else stays as written. */
function unescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Null where something is no attribute: those behind it would be lost. */
function readAttributes(text: string): Record<string, string> | null {
  const attributes: Record<string, string> = {};
  const rest = text.replace(/\s*([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gy, (_, name: string, double?: string, single?: string) => {
    attributes[name] = unescape(double ?? single ?? '');
    return '';
  });
  return /^\s*\/?$/.test(rest) ? attributes : null;
}

/** Index of the `>` that ends a tag, quotes respected; -1 when there is none. */
function tagEnd(text: string, from: number, sgml: boolean): number {
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '>') return at;
    else if (char === '<') return -1;
    else if (!sgml && (char === '"' || char === "'")) quote = char;
  }
  return -1;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * The tree of a document below one nameless element. `sgml`: leaf tags need no end (OFX), names are upper case. Throws
 * `data` for a DOCTYPE, damaged tags, and for XML that does not end.
 */
export function readMarkup(text: string, sgml: boolean, book: Book): Element {
  const root: Element = { name: '', line: 1, attributes: {}, children: [], text: '' };
  const stack = [root];
  let line = 1;
  let lineEnd = text.indexOf('\n');
  let elements = 0;
  const lineAt = (at: number): number => {
    for (; lineEnd >= 0 && lineEnd < at; lineEnd = text.indexOf('\n', lineEnd + 1)) line++;
    return line;
  };
  const damaged = (at: number, reason: string): Error =>
    book.refuse('bad_markup', reason, 'The file is cut short or damaged: download it again.', lineAt(at));
  let at = text.indexOf('<');
  while (at >= 0) {
    const next = text[at + 1];
    if (next === '!') {
      if (text.startsWith('<!--', at)) {
        const end = text.indexOf('-->', at);
        if (end < 0) throw damaged(at, 'a comment does not end');
        at = text.indexOf('<', end);
        continue;
      }
      if (text.startsWith('<![CDATA[', at)) {
        const end = text.indexOf(']]>', at);
        if (end < 0) throw damaged(at, 'a CDATA section does not end');
        const after = text.indexOf('<', end);
        const between = text.slice(end + 3, after < 0 ? text.length : after);
        stack.at(-1)!.text += text.slice(at + 9, end) + unescape(between).trimEnd();
        at = after;
        continue;
      }
      throw book.refuse(
        'doctype',
        'the file has a document type definition',
        'Such files are not read: it could refer to other files.',
        lineAt(at),
      );
    }
    if (next === '?') {
      // Processing instructions have been seen without their last character.
      const end = text.indexOf('<', at + 1);
      at = end;
      continue;
    }
    const end = tagEnd(text, at + 1, sgml);
    if (end < 0) throw damaged(at, 'a tag does not end');
    const body = text.slice(at + 1, end);
    const after = text.indexOf('<', end);
    const between = text.slice(end + 1, after < 0 ? text.length : after);
    const written = /^\/?\s*([\w:.-]+)/.exec(body);
    if (!written) throw damaged(at, `<${body.slice(0, 20)}> is no tag`);
    const name = sgml ? local(written[1]!).toUpperCase() : local(written[1]!);
    if (body.startsWith('/')) {
      const open = stack.findLastIndex((element) => element.name === name);
      if (!sgml && (open < 1 || open !== stack.length - 1)) throw damaged(at, `</${name}> closes nothing`);
      if (open > 0) stack.length = open;
    } else {
      if (++elements > MAX_ELEMENTS)
        throw book.refuse('too_many_rows', 'the file has too many elements', 'Split it by account.', lineAt(at));
      const value = sgml ? (between.split(/[\r\n]/, 1)[0] ?? '').trim() : between;
      const attributes = sgml ? {} : readAttributes(body.slice(written[0].length));
      if (attributes === null) throw damaged(at, `an attribute of <${name}> is not written name="value"`);
      const element: Element = { name, line: lineAt(at), attributes, children: [], text: unescape(value).trim() };
      stack.at(-1)!.children.push(element);
      const leaf = sgml ? value !== '' : body.endsWith('/');
      if (!leaf) stack.push(element);
      if (stack.length > MAX_DEPTH) throw damaged(at, 'elements are nested too deeply');
    }
    at = after;
  }
  if (!sgml && stack.length > 1) throw damaged(text.length, `<${stack.at(-1)!.name}> does not end`);
  return root;
}

/** All elements of a name below one, in order. */
export function all(element: Element, name: string): Element[] {
  const found: Element[] = [];
  const visit = (node: Element): void => {
    for (const child of node.children) {
      if (child.name === name) found.push(child);
      visit(child);
    }
  };
  visit(element);
  return found;
}

/** Text of the first element of a name below one; '' when there is none. */
export function textOf(element: Element | undefined, name: string): string {
  for (const child of element?.children ?? []) {
    if (child.name === name) return child.text;
    const deeper = textOf(child, name);
    if (deeper !== '') return deeper;
  }
  return '';
}

/**
 * Where records stand: their lines, or (files written on one line) their numbers in the file, so that every record has a
 * place of its own.
 */
export function placesOf(records: readonly Element[]): ReadonlyMap<Element, number> {
  const apart = new Set(records.map(({ line }) => line)).size === records.length;
  return new Map(records.map((record, index) => [record, apart ? record.line : index + 1]));
}
