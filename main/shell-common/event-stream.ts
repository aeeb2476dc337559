/** Server-sent events from the core. A reader that does not keep up is cut off; it reconnects and asks for the state anew. */
import type { CorePort } from './core-port.ts';

const BEAT_MILLISECONDS = 15_000;
const MAX_QUEUED = 1000;

/** Body of GET /api/events. Ends its subscription when the reader cancels or `signal` aborts, whichever comes first. */
export function eventStream(core: CorePort, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = (): void => undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string): void => {
          if ((controller.desiredSize ?? 0) < -MAX_QUEUED) {
            stop();
            controller.close();
          } else controller.enqueue(encoder.encode(text));
        };
        const unsubscribe = core.events((event) => send(`data: ${JSON.stringify(event)}\n\n`));
        const beat = setInterval(() => send(': beat\n\n'), BEAT_MILLISECONDS);
        beat.unref();
        let stopped = false;
        stop = () => {
          if (stopped) return;
          stopped = true;
          clearInterval(beat);
          unsubscribe();
        };
        signal.addEventListener('abort', () => {
          stop();
          try {
            controller.close();
          } catch {
            // Already closed or cancelled by the reader.
          }
        });
        send(': open\n\n');
      },
      cancel: () => stop(),
    },
    { highWaterMark: 1 },
  );
}
