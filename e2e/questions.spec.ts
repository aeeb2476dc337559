/** Questions that take long, by keyboard: cancelled, asked again and answered; and what a screen was asked, after another one was looked at. */
import { expect, goTo, openSampleAndRun, settled, test } from './fixtures.ts';
import { SAMPLE } from './seed.ts';

test('what takes long is cancelled without an error, and asked again in its place', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  // The risk waits for the test, and its job is told of meanwhile: the sample is answered before anybody could cancel.
  await page.addInitScript(() => {
    const { fetch } = window;
    const state = window as { answerRisk?: () => void };
    let tell: (job: object) => void = () => undefined;
    window.fetch = async (...given) => {
      const asked = String(given[0]);
      if (asked.endsWith('/events')) {
        const response = await fetch(...given);
        const own = new TransformStream<Uint8Array, Uint8Array>();
        const writer = own.writable.getWriter();
        const reader = response.body!.getReader();
        tell = (job) => void writer.write(new TextEncoder().encode(`data: ${JSON.stringify({ type: 'job', job })}\n\n`));
        void (async () => {
          for (let next = await reader.read(); !next.done; next = await reader.read()) await writer.write(next.value);
        })();
        return new Response(own.readable, { headers: response.headers });
      }
      // The program knows nothing of that job.
      if (asked.endsWith('/jobs.cancel')) return Response.json({});
      if (!asked.endsWith('/risk.get')) return fetch(...given);
      const job = {
        jobId: 1_000_000 + Math.round(performance.now()),
        method: 'risk.get',
        opened: 1,
        question: new Headers(given[1]!.headers).get('x-hedgerow-question'),
        status: 'running',
        progress: 0.4,
        note: '',
        startedAt: new Date().toISOString(),
        error: null,
      };
      await new Promise<void>((answer) => {
        setTimeout(() => tell(job), 300);
        state.answerRisk = answer;
      });
      tell({ ...job, status: 'done', progress: 1 });
      return fetch(...given);
    };
  });
  await page.reload();
  await settled(page);
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  const main = page.getByRole('main');
  const bar = main.getByRole('progressbar', { name: 'Loading the risk' });
  await expect(bar).toBeVisible();
  await main.getByRole('button', { name: 'Cancel' }).focus();
  await page.keyboard.press('Enter');
  const note = main.getByRole('alert');
  await expect(note).toContainText('i Cancelled: Nothing was loaded.');
  await expect(bar).toHaveCount(0);
  // Enter pressed twice asks for nothing.
  await expect(note).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(note).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(main.getByRole('button', { name: 'Try again' })).toBeFocused();
  await page.keyboard.press('Enter');
  // What was cancelled before is not said of what loads now, and Tab goes on from here.
  await expect(bar).toBeVisible();
  await expect(note).toHaveCount(0);
  await page.keyboard.press('Tab');
  await expect(main.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.evaluate(() => (window as { answerRisk?: () => void }).answerRisk!());
  await expect(main.getByRole('heading', { name: 'By position' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(main.getByRole('region', { name: 'Variance, layer by layer' }).getByRole('button', { name: 'Table' })).toBeFocused();
});

test('what a screen was asked is there again after another one, and of no other workspace', async ({ app }) => {
  const { page } = app;
  await openSampleAndRun(page);
  const main = page.getByRole('main');
  const [ticker, quantity] = [
    main.getByRole('textbox', { name: 'Ticker', exact: true }),
    main.getByRole('spinbutton', { name: 'Quantity' }),
  ];
  const changes = main.getByRole('group', { name: 'Changes' });
  const ofQxaa = main.getByRole('textbox', { name: 'Of', exact: true });
  const shock = main.getByRole('spinbutton', { name: 'Move of SPY, per cent' });
  const find = main.getByRole('textbox', { name: 'Find' });

  await goTo(page, 'Risk');
  for (const [name, held] of [
    ['QXAA', '100'],
    ['QXAB', '-20'],
  ]) {
    await ticker.fill(name!);
    await quantity.fill(held!);
    await page.keyboard.press('Enter');
  }
  await expect(changes).toContainText('QXAB → −20');
  await goTo(page, 'Scenarios');
  await shock.fill('-25');
  await page.keyboard.press('Enter');
  await goTo(page, 'Attribution');
  await ofQxaa.fill('QXAA');
  await page.keyboard.press('Enter');
  await expect(main.getByText('QXAA', { exact: true }).first()).toBeVisible();
  await goTo(page, 'Book');
  await find.fill('vol>30');

  const asked = async (then: boolean): Promise<void> => {
    await goTo(page, 'Risk');
    if (then) {
      await expect(changes).toContainText('QXAA → 100');
      await expect(changes).toContainText('QXAB → −20');
    } else await expect(changes).toHaveCount(0);
    await goTo(page, 'Scenarios');
    await expect(shock).toHaveValue(then ? '-25' : '-10');
    await goTo(page, 'Attribution');
    await expect(ofQxaa).toHaveValue(then ? 'QXAA' : '');
    await goTo(page, 'Book');
    await expect(find).toHaveValue(then ? 'vol>30' : '');
  };
  await asked(true);
  await goTo(page, 'Start');
  await page.getByRole('textbox', { name: 'Workspace name' }).fill('Another');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('banner').getByText('Another')).toBeVisible();
  await goTo(page, 'Start');
  await page.getByRole('button', { name: SAMPLE }).click();
  await expect(page.getByRole('heading', { name: 'Book', level: 1 })).toBeVisible();
  await asked(false);
});

test.describe('with nothing imported', () => {
  test.use({ fresh: true });

  test('what lacks a run leads to the import of prices', async ({ app }) => {
    const { page } = app;
    const name = 'Nothing yet of the desk for long and short equities of Asia';
    await page.getByRole('textbox', { name: 'Workspace name' }).fill(name);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('banner').getByText(name)).toBeVisible();
    const main = page.getByRole('main');
    for (const screen of ['Attribution', 'Effectiveness', 'Runs']) {
      await goTo(page, screen);
      await main.getByRole('link', { name: 'Import prices' }).click();
      await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
    }
    // A long name is read whole where it is chosen.
    await page.setViewportSize({ width: 720, height: 450 });
    await goTo(page, 'Start');
    const listed = main.getByRole('button', { name }).getByText(name);
    expect(await listed.evaluate((text) => text.scrollWidth - text.clientWidth)).toBe(0);
  });
});
