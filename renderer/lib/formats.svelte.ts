/** How numbers and dates are written on the screens: a choice of this person, kept by the program. */
import { writeAs } from './format.ts';
import { keepPreference, preference } from './preferences.svelte.ts';

export const NUMBER_FORMATS = [
  { key: 'comma-point', label: '1,234,567.89', thousands: ',', decimal: '.' },
  { key: 'space-point', label: '1 234 567.89', thousands: '\u202f', decimal: '.' },
  { key: 'point-comma', label: '1.234.567,89', thousands: '.', decimal: ',' },
  { key: 'space-comma', label: '1 234 567,89', thousands: '\u202f', decimal: ',' },
  { key: 'apostrophe', label: '1’234’567.89', thousands: '’', decimal: '.' },
] as const;

export const DATE_FORMATS = [
  { key: 'ymd', label: '2026-06-30' },
  { key: 'dmy', label: '30.06.2026' },
  { key: 'mdy', label: '06/30/2026' },
  { key: 'text', label: '30 Jun 2026' },
] as const;

type Numbers = (typeof NUMBER_FORMATS)[number]['key'];
type Dates = (typeof DATE_FORMATS)[number]['key'];

export const formats = $state<{ numbers: Numbers; dates: Dates }>({ numbers: 'comma-point', dates: 'ymd' });

const numbersOf = (text: string | undefined): Numbers => NUMBER_FORMATS.find((one) => one.key === text)?.key ?? 'comma-point';
const datesOf = (text: string | undefined): Dates => DATE_FORMATS.find((one) => one.key === text)?.key ?? 'ymd';

/** To be called once the preferences are loaded, and when another window chose some. */
export function followKeptFormats(): void {
  formats.numbers = numbersOf(preference('format.numbers'));
  formats.dates = datesOf(preference('format.dates'));
}

const numbers = $derived(NUMBER_FORMATS.find((one) => one.key === formats.numbers)!);
const writing = $derived({ thousands: numbers.thousands, decimal: numbers.decimal, dates: formats.dates });
// Every number and day that is shown follows it where it stands: nothing else of a screen, such as what is being typed, changes.
writeAs(() => writing);

/** A number field drops a comma, and would make 15 of 1,5: for a person who writes a decimal comma it is one. */
export function typeDecimal(event: InputEvent): void {
  const field = event.target;
  if (event.data !== ',' || numbers.decimal !== ',' || !(field instanceof HTMLInputElement) || field.type !== 'number') return;
  // A browser in such a language takes it.
  if ((0.5).toLocaleString(navigator.language).includes(',')) return;
  event.preventDefault();
  document.execCommand('insertText', false, '.');
}

export function chooseFormats(choice: { numbers?: string; dates?: string }): void {
  if (choice.numbers !== undefined) keepPreference('format.numbers', (formats.numbers = numbersOf(choice.numbers)));
  if (choice.dates !== undefined) keepPreference('format.dates', (formats.dates = datesOf(choice.dates)));
}
