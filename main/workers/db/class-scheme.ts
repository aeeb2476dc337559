/**
 * The scheme of a classification that names none. Class rows meet the ETF map within a scheme (MODEL.md 2), so names of a scheme that nobody
 * names meet nothing, and their securities would be of level 1 only.
 */
import { OLS_252 } from '../../contract/settings.ts';
import { ambiguous, type IssueCollector } from '../../importers/issues.ts';
import type { ClassificationRow } from '../../importers/staged.ts';
import { normalName } from '../../quant/chains/index.ts';
import { listed } from './words.ts';

/** Names of one class row. */
export interface ClassNames {
  readonly sector: string;
  readonly industry: string | null;
}

/** What an ETF map knows by level, scheme and name; a name of no scheme is known in all. */
export interface MapNames {
  /** Schemes with sectors of their own, the preferred first. */
  readonly schemes: readonly string[];
  /** ETFs that a name has had, as text to be compared; '' where the scheme has none for it. */
  etfs(level: 'sector' | 'subsector', scheme: string, name: string): string;
}

/** Place in the order of preference that runs have unless told otherwise. */
const rank = (scheme: string): number => {
  const at = OLS_252.schemes.indexOf(scheme);
  return at < 0 ? OLS_252.schemes.length : at;
};

/** One name of an ETF map; `etf` is its code or its number. */
interface MapName<Etf> {
  readonly level: string;
  readonly scheme: string;
  readonly code: string;
  readonly etf: Etf;
}

export function mapNames<Etf extends string | number>(rows: readonly MapName<Etf>[]): MapNames {
  const bySubject = new Map<string, Set<Etf>>();
  const schemes = new Set<string>();
  const subject = (level: string, scheme: string, name: string): string => JSON.stringify([level, normalName(scheme), normalName(name)]);
  for (const { level, scheme, code, etf } of rows) {
    if (level === 'sector' && normalName(scheme) !== '') schemes.add(normalName(scheme));
    const key = subject(level, scheme, code);
    bySubject.set(key, (bySubject.get(key) ?? new Set()).add(etf));
  }
  return {
    schemes: [...schemes].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)),
    etfs: (level, scheme, name) =>
      [...(bySubject.get(subject(level, scheme, name)) ?? bySubject.get(subject(level, '', name)) ?? [])].sort().join(),
  };
}

/** Whether a class row has a sector ETF on some day. */
export const hasSectorEtf = (map: MapNames, { scheme, sector }: { readonly scheme: string; readonly sector: string }): boolean =>
  map.etfs('sector', scheme, sector) !== '';

interface Fit {
  readonly scheme: string;
  /** Names known. */
  readonly sectors: number;
  readonly industries: number;
  /** The ETFs of every name. */
  readonly etfs: string;
}

/**
 * The one scheme whose names these are ('': none, or that of a map without schemes), or those that they may be of, with what each knows.
 * Where several know all sectors, those that know most industries; several that lead to the same ETFs are one.
 */
export function schemeOfNames(rows: readonly ClassNames[], map: MapNames): { readonly sectors: number; readonly fits: readonly Fit[] } {
  const distinct = (names: readonly (string | null)[]): string[] =>
    [...new Set(names.map((name) => normalName(name ?? '')))].filter(Boolean);
  const sectors = distinct(rows.map((row) => row.sector));
  const industries = distinct(rows.map((row) => row.industry));
  const fit = (scheme: string): Fit => {
    const [a, b] = [sectors.map((name) => map.etfs('sector', scheme, name)), industries.map((name) => map.etfs('subsector', scheme, name))];
    return { scheme, sectors: a.filter(Boolean).length, industries: b.filter(Boolean).length, etfs: [...a, ...b].join(' ') };
  };
  const none = fit('');
  const better = map.schemes.map(fit).filter((one) => one.sectors > none.sectors);
  const whole = better.filter((one) => one.sectors === sectors.length);
  const best = whole.length === 0 ? better : whole.filter((one) => one.industries === Math.max(...whole.map((other) => other.industries)));
  const same = best.every((one) => one.etfs === best[0]!.etfs);
  return { sectors: sectors.length, fits: best.length === 0 ? [none] : same ? [best[0]!] : best.sort((x, y) => y.sectors - x.sectors) };
}

/**
 * Rows of a file with their scheme, and why it is that one: where the file names none, what `said` says ("none": it has none), else the one
 * whose names its sectors are. Throws ambiguous where that may be several.
 */
export function withScheme(
  file: string,
  rows: readonly ClassificationRow[],
  map: MapNames,
  said: string | undefined,
): { readonly rows: readonly ClassificationRow[]; readonly why: string | null } {
  const without = rows.filter((row) => row.scheme === '');
  if (without.length === 0) return { rows, why: null };
  const given = (scheme: string): readonly ClassificationRow[] => rows.map((row) => (row.scheme === '' ? { ...row, scheme } : row));
  if (said !== undefined) return { rows: said === 'none' ? rows : given(normalName(said)), why: `Scheme ${normalName(said)}: as told.` };
  const { sectors, fits } = schemeOfNames(without, map);
  const known = (fit: Fit): string => (fit.sectors === sectors && sectors > 1 ? `all ${sectors}` : `${fit.sectors} of ${sectors}`);
  if (fits.length === 1) {
    const { scheme } = fits[0]!;
    return scheme === ''
      ? { rows, why: null }
      : {
          rows: given(scheme),
          why: `Scheme ${scheme}: the ETF map knows ${known(fits[0]!)} ${sectors === 1 ? 'sector' : 'sectors'} under it.`,
        };
  }
  const list = fits.map((fit) => `${fit.scheme} knows ${known(fit)}`).join(', ');
  throw ambiguous(file, `the file does not say of which scheme its sectors are (${list})`, '--scheme', [
    ...fits.map(({ scheme }) => scheme),
    'none',
  ]);
}

/** Warns of securities none of whose rows in the file has a sector ETF, and of schemes that runs do not use unless they are told to. */
export function noteUnmapped(rows: readonly ClassificationRow[], map: MapNames, issues: IssueCollector): void {
  const names = new Map<string, Set<string>>();
  const mapped = new Set<string>();
  for (const row of rows) {
    const security = `${row.symbol.type} ${row.symbol.code}`;
    if (hasSectorEtf(map, row)) mapped.add(security);
    else names.set(security, (names.get(security) ?? new Set()).add(nameOf(row)));
  }
  for (const scheme of new Set(rows.map((row) => row.scheme)))
    if (!OLS_252.schemes.includes(scheme))
      issues.add('warning', 'unlisted_scheme', 0, 0, () => ({
        reason: `Runs use the scheme ${scheme} only where their settings name it; the presets have ${OLS_252.schemes.filter(Boolean).join(', ')} and rows of no scheme.`,
        fix: 'Name it in the settings of the run (schemes), or import the rows without a scheme.',
      }));
  const without = [...names].filter(([security]) => !mapped.has(security));
  if (without.length > 0)
    issues.add('warning', 'sector_without_etf', 0, 0, () => ({
      reason: unmappedText(without.map(([, sectors]) => [...sectors][0]!)),
      fix: 'Correct the names, say of which scheme they are (--scheme), or import an ETF map that has them.',
    }));
}

/** A sector as it is told to people. */
export const nameOf = ({ sector, scheme }: { readonly sector: string; readonly scheme: string }): string =>
  `${sector} (${scheme === '' ? 'no scheme' : scheme})`;

/** What is said of securities whose sectors have no ETF; `sectors`: one of each security, as `nameOf` names it. */
export function unmappedText(sectors: readonly string[]): string {
  const names = [...new Set(sectors)].sort();
  return `${sectors.length} ${sectors.length === 1 ? 'security has a sector' : 'securities have sectors'} without an ETF in the map, and level 1 only: ${listed(names)}.`;
}
