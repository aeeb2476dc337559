/** Several settings in one pass over the data. */
import * as v from 'valibot';
import type { Lineage } from './results.ts';
import { day, runId, strictObject, ticker } from './schemas.ts';
import { settingsPatch } from './schemas-settings.ts';
import type { EstimatorSettings } from './settings.ts';

export const COMPARE_METHODS = {
  /** Nothing is stored. Settings that decide which returns there are (knowledge, returns, schemes, universe) come from the run, else from the defaults. */
  'settings.compare': {
    kind: 'job',
    input: strictObject({
      settings: v.pipe(v.array(settingsPatch), v.minLength(2), v.maxLength(16)),
      runId: v.optional(runId),
      tickers: v.optional(v.pipe(v.array(ticker), v.minLength(1), v.maxLength(50))),
      from: v.optional(day),
      to: v.optional(day),
    }),
  },
} as const;

/** What one setting did. The last four are means over securities, on the rows that all the settings serve at their deepest level. */
export interface SettingOutcome {
  readonly settings: EstimatorSettings;
  /** How they differ from their preset, as `key=value`. */
  readonly changed: readonly string[];
  readonly rows: number;
  /** Rows by deepest level, 0 to 3. */
  readonly rowsByLevel: readonly [number, number, number, number];
  /** Rows that fail an identity. */
  readonly failedRows: number;
  /** Residual share of variance as estimated; null without common rows. */
  readonly residualShare: number | null;
  /** 1 - sum of squared ex-ante residuals / sum of squared returns, per level: what yesterday's hedge took away. */
  readonly saved: readonly [number | null, number | null, number | null];
  /** Change of the deepest hedge, dollars per dollar of stock and year. */
  readonly turnover: number | null;
}

export interface SettingsCompared {
  readonly lineage: Lineage;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly securities: number;
  /** Securities and rows behind the means. */
  readonly common: { readonly securities: number; readonly rows: number };
  readonly outcomes: readonly SettingOutcome[];
  readonly milliseconds: { readonly panel: number; readonly cascade: number };
  readonly threads: number;
}

export interface CompareOutput {
  'settings.compare': SettingsCompared;
}
