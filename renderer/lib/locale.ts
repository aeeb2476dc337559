/**
 * Imported before anything else. Under LANG=C Chromium calls its language `en-US@posix`, which `Intl` refuses; uPlot hands it to
 * `Intl` while it loads, and the whole page would stay blank.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}
