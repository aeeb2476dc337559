/**
 * Attacks that need a page, on both shells in one launch each: script hidden in every text a file or a person can bring in, shown
 * on every screen; ways out of the window; requests the page should not make. (Bombs, paths, hostile workspaces, strangers at the
 * port: main/shell-common/attacks.test.ts and main/shell-browser/server.test.ts.)
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, goTo, openSampleAndRun, settled, test } from './fixtures.ts';
import { SAMPLE } from './seed.ts';
import { NODE, ROOT } from './shells.ts';

const SCRIPT = '<img src=x onerror=window.pwned=1>';
const SVG = '"><svg/onload=window.pwned=1>';
const LINK = 'javascript:window.pwned=1';

interface Reply {
  readonly status: number;
  readonly body: { jobId?: number; status?: string; result?: unknown; error?: { message: string } } & Record<string, unknown>;
}

/** A request as the page itself makes it. */
const ask = (page: Page, path: string, input: unknown): Promise<Reply> =>
  page.evaluate(
    async ([where, body]) => {
      const secret = sessionStorage.getItem('hedgerow-session');
      const headers = { 'content-type': 'application/json', ...(secret ? { 'x-hedgerow-session': secret } : {}) };
      const response = await fetch(`/api/${where}`, { method: 'POST', body: body!, headers });
      return { status: response.status, body: (await response.json()) as Reply['body'] };
    },
    [path, typeof input === 'string' ? input : JSON.stringify(input)] as const,
  );

async function job(page: Page, method: string, input: unknown): Promise<unknown> {
  const { jobId } = (await ask(page, method, input)).body;
  let view: Reply['body'] = {};
  await expect.poll(async () => (view = (await ask(page, 'jobs.get', { jobId })).body).status).not.toBe('running');
  expect(view.error, method).toBeNull();
  return view.result;
}

/** Nothing ran, and nothing of a payload became part of the page. */
async function expectQuiet(page: Page): Promise<void> {
  expect(
    await page.evaluate(() => ({
      ran: (window as { pwned?: unknown }).pwned,
      violations: (window as { violations?: unknown[] }).violations,
      // Marks that only a payload brings.
      marks: document.querySelectorAll('img[src="x"], [onerror], [onload], a[href^="javascript:" i], iframe, object, embed, base').length,
      links: [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href')!).filter((href) => !href.startsWith('#/')),
    })),
  ).toEqual({ ran: undefined, violations: [], marks: 0, links: [] });
}

/** Where the enemy's server sends whoever asks. */
const REDIRECTS: Readonly<Record<string, string>> = {
  '/to-file': 'file:///etc/passwd',
  '/to-script': 'javascript:window.pwned=1',
  '/to-data': 'data:text/html,<script>window.pwned=1</script>',
  '/to-us': 'app://hedgerow/index.html',
};

/** A server on this machine that notes every request and sends it elsewhere. */
async function startEnemy(): Promise<{ address: string; seen: string[]; stop(): void }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(302, { location: REDIRECTS[request.url ?? ''] ?? '/', 'access-control-allow-origin': '*' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop: () => void server.close() };
}

test('script in every text stays text on every screen; no way out of the window', async ({ app }) => {
  const { page, home } = app;
  const complaints = (): number => app.complaints.length;
  await openSampleAndRun(page);
  await page.evaluate(() => {
    const seen: string[] = [];
    (window as { violations?: string[] }).violations = seen;
    document.addEventListener('securitypolicyviolation', (event) => seen.push(event.violatedDirective));
    // A dialog would hold up the page and fail the test by itself.
    for (const name of ['alert', 'confirm', 'prompt'] as const)
      (window as unknown as Record<string, unknown>)[name] = () => void ((window as { pwned?: unknown }).pwned = name);
  });

  await test.step('files whose names, headings and cells are script', async () => {
    const folder = join(home, 'enemy');
    mkdirSync(folder);
    const files = {
      [`${SCRIPT.replaceAll('/', '')}.csv`]: `date,ticker,close,<svg onload=window.pwned=1>\n2026-06-26,EVIL,10,${SCRIPT}\n2026-06-29,EVIL,11,x\n2026-06-30,${SCRIPT},12,x\n2026-06-30,EVIL,99,x\n`,
      'names.csv': `ticker,valid_from,name,type,exchange\nEVIL,2020-01-01,"${SCRIPT}",stock,\nEVIM,2020-01-01,"${SVG.replaceAll('"', '""')}",stock,\n`,
      'classes.csv': `ticker,sector,industry\nEVIL,"${SCRIPT}","${LINK}"\n`,
      'book.csv': `ticker,quantity,account,as_of,name\nEVIL,100,"${SCRIPT.slice(0, 50)}",2026-06-30,"${SCRIPT}"\n"${LINK}",5,"${LINK}",2026-06-30,"${SVG.replaceAll('"', '""')}"\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    await goTo(page, 'Import');
    await app.choose(
      Object.keys(files).map((name) => join(folder, name)),
      () => page.getByRole('button', { name: 'Choose files…' }).click(),
    );
    for (const name of Object.keys(files)) {
      const item = page.getByRole('list', { name: 'Chosen files' }).getByRole('button').filter({ hasText: name });
      await item.click();
      await expect(item).not.toContainText(/receiving|reading|committing/);
      await settled(page);
      await expectQuiet(page);
      const leaveOut = page.getByRole('checkbox', { name: /leave out/ });
      if (await leaveOut.isVisible()) await leaveOut.check();
      const commit = page.getByRole('button', { name: 'Commit', exact: true });
      if (await commit.isEnabled()) await commit.click();
      await expect(item).not.toContainText(/reading|committing/);
      await expectQuiet(page);
    }
    await expect(page.getByText(SCRIPT).first()).toBeVisible();
  });

  await test.step('texts a person writes: reasons, notes, names, preferences', async () => {
    const findings = (await ask(page, 'findings.list', {})).body as unknown as { findingId: number }[];
    expect((await ask(page, 'findings.dismiss', { findingIds: [findings[0]!.findingId], reason: SCRIPT })).status).toBe(200);
    for (const key of ['theme', 'book.columns', 'locale']) await ask(page, 'preferences.set', { key, value: SVG });
    const frozen = await ask(page, 'orders.freeze', { request: {}, by: SCRIPT, note: `${SVG} ${LINK}` });
    expect([200, 422]).toContain(frozen.status);
    await job(page, 'run.start', {});
  });

  await test.step('every screen, with all of it in the workspace', async () => {
    await page.reload();
    await page.evaluate(() => {
      const seen: string[] = [];
      (window as { violations?: string[] }).violations = seen;
      document.addEventListener('securitypolicyviolation', (event) => seen.push(event.violatedDirective));
    });
    const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
    await expect(links.nth(9)).toBeVisible();
    const screens = await links.allTextContents();
    for (const screen of screens) {
      await goTo(page, screen.trim());
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expectQuiet(page);
    }
    // Addresses are texts too.
    for (const hash of [`#/security/${encodeURIComponent(SCRIPT)}`, `#/${SCRIPT}`, '#/__proto__', '#/constructor/%5B']) {
      await page.evaluate((to) => void (location.hash = to), hash);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expectQuiet(page);
    }
    await page.keyboard.press('Control+k');
    await page.keyboard.type('<img src=x');
    await expectQuiet(page);
    await page.keyboard.press('Escape');
  });
  // A set without anything to trade is not frozen, and a browser notes every refusal.
  expect(app.complaints.filter((line) => !/status of 422/.test(line))).toEqual([]);

  // What follows makes the browser complain, as it should.
  const before = complaints();
  const enemy = await startEnemy();
  await test.step('the page itself cannot make script of text, nor load any from elsewhere', async () => {
    const outcome = await page.evaluate(async (elsewhere) => {
      const attempt = (work: () => unknown): string => {
        try {
          work();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      };
      const loads = (element: HTMLElement): Promise<string> =>
        new Promise((done) => {
          element.onload = () => done('loaded');
          element.onerror = () => done('refused');
          document.body.append(element);
          setTimeout(() => done('nothing'), 500);
        });
      const fetched = (url: string): Promise<string> =>
        fetch(url).then(
          () => 'answered',
          () => 'refused',
        );
      const script = document.createElement('script');
      return {
        html: attempt(() => (document.createElement('div').innerHTML = '<img src=x>')),
        source: attempt(() => (script.src = 'data:text/javascript,window.pwned=1')),
        // Later, in a turn of the page's own: what a debugger asks for itself is allowed to evaluate.
        evaluate: await new Promise<string>((done) =>
          setTimeout(() => done(attempt(() => (globalThis as unknown as { eval(text: string): unknown }).eval('window.pwned = 1')))),
        ),
        worker: attempt(() => new Worker('data:text/javascript,postMessage(1)' as never)),
        style: await loads(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${elsewhere}/x.css` })),
        picture: await loads(Object.assign(document.createElement('img'), { src: `${elsewhere}/x.png` })),
        elsewhere: await fetched(elsewhere),
        frame: await loads(Object.assign(document.createElement('iframe'), { src: `${elsewhere}/to-file` })),
        file: await fetched('file:///etc/passwd'),
        beacon: String(navigator.sendBeacon(elsewhere, 'x') && 'queued'),
      };
    }, enemy.address);
    expect(outcome).toMatchObject({
      html: 'TypeError',
      source: 'TypeError',
      worker: 'TypeError',
      picture: 'refused',
      elsewhere: 'refused',
      file: 'refused',
    });
    expect(outcome.evaluate).toMatch(/Error/);
    expect(outcome.style).not.toBe('loaded');
    await page.evaluate(() => document.querySelectorAll('body > link, body > img, body > iframe').forEach((element) => element.remove()));
    expect(enemy.seen).toEqual([]);
  });

  await test.step('no way leads out of the window', async () => {
    const here = await page.evaluate(() => location.origin + location.pathname);
    const ways = [
      ...['javascript:window.pwned=1', 'data:text/html,<script>opener.pwned=1</script>', 'file:///etc/passwd'].flatMap((url) => [
        { how: 'go', url },
        { how: 'open', url },
        { how: 'click', url },
      ]),
      ...(app.electron
        ? [
            ...Object.keys(REDIRECTS).map((path) => enemy.address + path),
            'https://192.0.2.1/',
            'app://elsewhere/',
            'app://hedgerow-2/',
            'chrome://gpu',
          ]
        : []
      ).flatMap((url) => [
        { how: 'go', url },
        { how: 'open', url },
        { how: 'click', url },
        { how: 'form', url },
      ]),
    ];
    for (const { how, url } of ways) {
      await page
        .evaluate(
          ([way, to]) => {
            const link = Object.assign(document.createElement('a'), { href: to!, target: '_blank' });
            const form = Object.assign(document.createElement('form'), { action: to!, method: 'post' });
            document.body.append(link, form);
            if (way === 'go') location.href = to!;
            if (way === 'open') window.open(to!);
            if (way === 'click') link.click();
            if (way === 'form') form.submit();
            link.remove();
            form.remove();
          },
          [how, url] as const,
        )
        .catch(() => undefined);
    }
    // Whatever was on its way has been answered once this is.
    expect((await ask(page, 'workspace.info', {})).status).toBe(200);
    expect(await page.evaluate(() => location.origin + location.pathname)).toBe(here);
    expect(await page.evaluate(() => (window as { pwned?: unknown }).pwned)).toBeUndefined();
    if (app.electron) expect(app.electron.windows()).toHaveLength(1);
    // Not one request was made, so that no redirect could be followed.
    expect(enemy.seen).toEqual([]);
    enemy.stop();
  });

  await test.step('requests that are none of ours are refused, 100 MB at once too; the program goes on', async () => {
    for (const [path, body, status] of [
      ['workspace.drop', '{}', 404],
      ['__proto__', '{}', 404],
      ['security.search', '{"text":1}', 400],
      ['security.search', '{"text":"a","__proto__":{"admin":true}}', 400],
      ['import.stage', '{"handle":"../../../../etc/passwd"}', 400],
      ['import.stage', `{"handle":"${'h'.repeat(24)}"}`, 404],
      ['workspace.open', `{"handle":"${'h'.repeat(24)}"}`, 404],
    ] as const)
      expect((await ask(page, path, body)).status, `${path} ${body}`).toBe(status);
    // A debugger makes large bodies many times slower in Electron: there it is tried without one (e2e/electron-steps.ts).
    if (!app.electron) {
      const large = await page.evaluate(async () => {
        const headers = { 'content-type': 'application/json', 'x-hedgerow-session': sessionStorage.getItem('hedgerow-session')! };
        return fetch('/api/security.search', { method: 'POST', body: new Blob([new Uint8Array(100 << 20)]), headers }).then(
          (response) => response.status,
          () => 0,
        );
      });
      // A server may also hang up on a sender that does not stop.
      expect([0, 400]).toContain(large);
    }
    expect((await ask(page, 'workspace.info', {})).body).toMatchObject({ simulated: true });
  });
  if (!app.electron)
    await test.step('another program finds the workspace taken, and says by whom', () => {
      const workspace = join(home, 'workspaces', `${SAMPLE}.hedgerow`);
      const other = spawnSync(NODE, [join(ROOT, 'dist', 'browser-shell.cjs'), '--no-open', workspace], {
        env: { ...process.env, HEDGEROW_HOME: join(home, 'enemy') },
        encoding: 'utf8',
        timeout: 30_000,
      });
      expect(other.status).toBe(1);
      expect(other.stderr).toMatch(/The workspace is open in process \d+ on .* Close the other window or command/);
    });
  expect(complaints()).toBeGreaterThan(before);
  app.complaints.splice(0);
  // Nothing was written but into the workspace, the spool and the shell's own files.
  expect(readdirSync(home).filter((name) => !/^(workspaces|spool|enemy|saved|electron-profile|.*\.json)$/.test(name))).toEqual([]);
  expect(existsSync(join(home, '..', 'pwned'))).toBe(false);
});
