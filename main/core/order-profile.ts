/** What a desk adds to an order format, read from JSON files the user names: a profile, and the template of `template:NAME`. */
import { basename } from 'node:path';
import { HedgerowError } from '../contract/errors.ts';
import { isOrderFormat, ORDER_FORMATS, parseTemplate, type OrderFormat, type OrderProfile } from '../exporters/orders/index.ts';
import { isCusip } from '../importers/index.ts';
import { readJson } from './read-file.ts';

const KEYS = new Set(['orderType', 'limitBps', 'time', 'accounts', 'cusips', 'locates', 'emsx', 'fix', 'template']);

/** A format name as typed. Throws `usage` listing the formats. */
export function orderFormat(text: string): OrderFormat {
  const name = text.startsWith('template:') ? text : text.toLowerCase();
  if (!isOrderFormat(name))
    throw new HedgerowError('usage', `There is no order format "${text}".`, `Use ${ORDER_FORMATS.join(', ')} or template:NAME.`);
  return name;
}

/** The profile of an export; undefined when no file is named. Throws `usage` for what a profile does not have. */
export function orderProfile(
  format: OrderFormat,
  files: { profile?: string | undefined; template?: string | undefined },
): OrderProfile | undefined {
  const isTemplate = format.startsWith('template:');
  if (isTemplate !== (files.template !== undefined))
    throw new HedgerowError(
      'usage',
      isTemplate ? `${format} needs its template.` : `--template belongs to --format template:NAME, not to ${format}.`,
      'Give --template FILE with --format template:NAME.',
    );
  if (files.profile === undefined && files.template === undefined) return undefined;
  const given = files.profile === undefined ? {} : readJson(files.profile);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new HedgerowError('usage', `${basename(files.profile ?? '')} is not a JSON object.`, 'See the page of the order formats.');
  for (const key of Object.keys(given))
    if (!KEYS.has(key)) throw new HedgerowError('usage', `A profile has no "${key}".`, `It may have ${[...KEYS].join(', ')}.`);
  const profile = given as OrderProfile;
  for (const [symbol, cusip] of Object.entries<unknown>(profile.cusips ?? {}))
    if (typeof cusip !== 'string' || !isCusip(cusip)) {
      const found =
        typeof cusip === 'string'
          ? `${cusip}: its length or check digit is wrong`
          : `${JSON.stringify(cusip)}, which is no text in quotation marks`;
      throw new HedgerowError('usage', `The CUSIP of ${symbol} is ${found}.`, 'Correct the profile.');
    }
  return files.template === undefined ? profile : { ...profile, template: parseTemplate(readJson(files.template)) };
}
