// Electron 25 begins with CommonJS only.
/* eslint-disable @typescript-eslint/no-require-imports */
/**
 * The built program without a debugger attached (one makes large request bodies many times slower), as a second program beside the
 * one under test: what it says when the workspace it is given is taken, how it takes a page that sends 100 MB, how it stands on a
 * screen of twice the density. Prints one line of JSON and ends.
 *
 *   electron e2e/undriven DIST WORKSPACE --force-device-scale-factor=2
 */
const { app, dialog } = require('electron');

const dist = process.argv[2];
// The program reads its command line as if it had been started itself.
process.argv.splice(1, 2, dist);
app.setAppPath(dist);

const asked = new Promise((said) => {
  dialog.showMessageBox = async (...given) => {
    said(given[given.length - 1]);
    return { response: 0, checkboxChecked: false };
  };
});

/** Runs in the page. */
const PROBE = `(async () => {
  const send = async (bytes) => {
    const body = new Uint8Array(bytes).fill(97);
    const response = await fetch('/api/security.search', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    return { status: response.status, error: (await response.json()).error.message };
  };
  const from = performance.now();
  const large = await send(100 << 20);
  const milliseconds = Math.round(performance.now() - from);
  const after = await fetch('/api/app.about', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  const canvases = [...document.querySelectorAll('canvas')].map((one) => one.width / one.clientWidth);
  return { large, milliseconds, after: after.status, density: devicePixelRatio, wide: document.documentElement.scrollWidth - innerWidth, canvases };
})()`;

app.on('web-contents-created', (_event, contents) =>
  contents.once('did-finish-load', async () => {
    const question = await asked;
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
    const page = await contents.executeJavaScript(PROBE);
    clearInterval(watch);
    console.log(`UNDRIVEN ${JSON.stringify({ question, page, grownMiB: Math.round((peak - before) / 2 ** 20) })}`);
    // As a person does, with no workspace open.
    app.quit();
  }),
);

require(`${dist}/main.cjs`);
