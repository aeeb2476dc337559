/** The samples on disk, and a result as plain JSON to compare. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ImportOptions } from '../../../contract/report.ts';
import { formatIsoDay } from '../../../contract/units.ts';
import type { HoldingLine, Parsed } from '../../staged.ts';

const folder = new URL('../samples/', import.meta.url);

export interface Sample {
  /** `schwab/2023.csv`. */
  readonly path: string;
  readonly broker: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly options: ImportOptions;
}

export function samples(): Sample[] {
  return readdirSync(folder).flatMap((broker) =>
    readdirSync(new URL(`${broker}/`, folder))
      .filter((name) => !name.endsWith('.json'))
      .map((name) => {
        const options = new URL(`${broker}/${name}.options.json`, folder);
        return {
          path: `${broker}/${name}`,
          broker,
          name,
          bytes: new Uint8Array(readFileSync(new URL(`${broker}/${name}`, folder))),
          options: existsSync(options) ? (JSON.parse(readFileSync(options, 'utf8')) as ImportOptions) : {},
        };
      }),
  );
}

export const expectedFile = (sample: Sample): URL => new URL(`${sample.path}.expected.json`, folder);

function lineText({ line, disposition, detail, reason, position: p }: HoldingLine): string {
  const told = [`${line} ${disposition}`, detail ?? '', reason].filter((text) => text !== '').join(' · ');
  if (!p) return told;
  const amounts = [
    p.quantity!.text,
    p.price?.text ?? '',
    p.marketValue?.text ?? '',
    p.multiplier ? `x${p.multiplier.text}` : '',
    p.currency,
  ];
  const symbol = p.symbol ? `${p.symbol.type}:${p.symbol.code} [${p.symbol.raw}]` : 'cash';
  return [told, p.account, symbol, ...amounts, [p.cusip, p.isin].filter((text) => text !== '').join(' '), p.name].join(' | ');
}

export function shown({ detected, staged, issues, rows, rejected }: Parsed): unknown {
  if (staged.kind !== 'holdings') throw new Error('no holdings');
  const { layout, encoding, why } = detected;
  return {
    layout,
    encoding,
    why,
    asOf: `${formatIsoDay(staged.asOf)} from ${staged.asOfFrom}`,
    rows,
    rejected,
    lines: staged.lines.map(lineText),
    issues: issues.kept.map((i) => `${i.severity} ${i.code} ${i.line}:${i.column} ${i.reason}`),
  };
}
