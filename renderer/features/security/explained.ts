/** Fields that `explain` can take apart, in words, and their place in the address. */

interface ExplainedField {
  readonly name: string;
  readonly label: string;
}

const LEGS = [['mkt'], ['mkt', 'sec'], ['mkt', 'sec', 'sub']] as const;
const LEG_WORDS = { mkt: 'market', sec: 'sector', sub: 'subsector', res: 'residual' } as const;
const perLeg = (ending: string, words: string): ExplainedField[] =>
  LEGS.flatMap((legs, i) =>
    legs.map((leg) => ({ name: `l${i + 1}_${leg}_${ending}`, label: `Level ${i + 1}: ${LEG_WORDS[leg]} ${words}` })),
  );

export const EXPLAINED_FIELDS: readonly ExplainedField[] = [
  ...perLeg('hr', 'hedge ratio'),
  ...perLeg('exp', 'exposure'),
  ...perLeg('er', 'share of variance'),
  ...([1, 2, 3] as const).map((level) => ({ name: `l${level}_res_er`, label: `Level ${level}: residual share of variance` })),
  { name: 'lam_sm', label: 'λ sector on market' },
  { name: 'lam_um', label: 'λ subsector on market' },
  { name: 'lam_us', label: 'λ subsector on cleaned sector' },
  ...([1, 2, 3] as const).flatMap((level) => [
    { name: `l${level}_fr`, label: `Level ${level}: factor return of the day (ex-ante)` },
    { name: `l${level}_rr`, label: `Level ${level}: residual return of the day (ex-ante)` },
  ]),
  { name: 'res_in', label: 'In-window residual' },
  { name: 'vol', label: 'Volatility' },
  { name: 'n_obs', label: 'Rows used' },
  { name: 'flags', label: 'Flags' },
  { name: 'returns_gross', label: 'Return of the day' },
  { name: 'close', label: 'Close' },
  { name: 'adj_close', label: 'Adjusted close' },
];

const START = 'explain-';

/** Part of the address that opens a field. */
export const explainPart = (field: string): string => `${START}${field}`;

/** Field named in the address, if there is one. */
export const explainedField = (detail: string): string | null => {
  const name = detail.startsWith(START) ? detail.slice(START.length) : '';
  return EXPLAINED_FIELDS.some((field) => field.name === name) ? name : null;
};
