/** A formula written as text becomes pieces to set: `lam_sm` is λ with its index, `{a|b}` a fraction, `"words"` upright text. */

export type Piece =
  | { readonly kind: 'name'; readonly base: string; readonly sub: string; readonly sup: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fraction'; readonly top: readonly Piece[]; readonly bottom: readonly Piece[] };

const GREEK: Readonly<Record<string, string>> = { lam: 'λ', beta: 'β', tau: 'τ', sum: 'Σ', prod: 'Π' };
/** Functions and words stand upright. */
const UPRIGHT = new Set(['Cov', 'Var', 'sqrt', 'sd', 'min', 'sum', 'prod', 'ER', 'RR', 'HR', 'SE']);
const SIGNS: Readonly<Record<string, string>> = { '-': ' − ', '+': ' + ', '*': ' · ', '=': ' = ', ',': ', ', '<=': ' ≤ ', '/': ' / ' };

/** Throws on text it cannot read: formulas are written by us. */
export function typeset(text: string): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    if (rest.startsWith('{')) {
      const end = rest.indexOf('}');
      const [top, bottom] = rest.slice(1, end).split('|');
      if (end < 0 || bottom === undefined) throw new Error(`not a fraction: ${rest}`);
      out.push({ kind: 'fraction', top: typeset(top!), bottom: typeset(bottom) });
      at += end + 1;
      continue;
    }
    const found =
      /^(?<space>\s+)|^"(?<words>[^"]*)"|^(?<name>[A-Za-z]+)(?:_(?<sub>[A-Za-z0-9,]+))?(?:\^(?<sup>[A-Za-z0-9*]+)|(?<star>\*(?=[\s,)}]|$)))?|^(?<number>[\d.]+)|^(?<sign><=|[-+*=,/])|^(?<other>.)/u.exec(
        rest,
      )!;
    const { words, name, sub, sup, star, number, sign, other } = found.groups!;
    at += found[0].length;
    const last = out.at(-1);
    // Signs bring their own space; between anything else a typed space is a thin one.
    if (
      found.groups!['space'] !== undefined &&
      last &&
      !(last.kind === 'text' && /\s$/.test(last.text)) &&
      !/^(<=|[-+*=,/])/.test(text.slice(at))
    )
      out.push({ kind: 'text', text: '\u2009' });
    if (name !== undefined) {
      const index = (sub ?? '').replace(/,$/, '');
      if (sub?.endsWith(',')) at -= 1;
      const base = GREEK[name] ?? name;
      if (UPRIGHT.has(name) && !index && !sup) out.push({ kind: 'text', text: name === 'sqrt' ? '√' : base });
      else out.push({ kind: 'name', base, sub: index, sup: sup ?? (star ? '*' : '') });
    } else if (sign !== undefined) {
      const before = out.at(-1);
      // A sign at the start or after a bracket or another sign belongs to the number.
      const unary = sign === '-' && (!before || (before.kind === 'text' && /[(=,·+−]\s*$/.test(before.text)));
      out.push({ kind: 'text', text: unary ? '−' : SIGNS[sign]! });
    } else if (words !== undefined) out.push({ kind: 'text', text: words });
    else if (number !== undefined || other !== undefined) out.push({ kind: 'text', text: (number ?? other)! });
  }
  return out;
}

/** The formula as a screen reader should say it and as it is copied. */
export const plainText = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) =>
      piece.kind === 'text'
        ? piece.text
        : piece.kind === 'name'
          ? `${piece.base}${piece.sub ? `_${piece.sub}` : ''}${piece.sup ? `^${piece.sup}` : ''}`
          : `(${plainText(piece.top)}) / (${plainText(piece.bottom)})`,
    )
    .join('');
