/** Questions that take long, by keyboard: cancelled, asked again and answered. */
import { expect, openSampleAndRun, settled, test } from './fixtures.ts';

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
