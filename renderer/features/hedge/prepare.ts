/**
 * The first edits of a ticket are followed as fast as the later ones: the program computes the same ticket a few times while nobody
 * edits, so that its code is compiled and what it reads is in memory.
 */
import { idle } from '../../lib/idle.ts';

/** Times it is computed. */
const TIMES = 3;
/** Milliseconds that a ticket of a book may take for this: nobody's edit should wait behind one of ten thousand positions. */
const QUICK = 400;

let prepared = false;

/** Once in the life of the page: computes what `ask` asks for while `unchanged` holds. `took`: milliseconds of the ticket that is shown. */
export async function prepareEdits(ask: () => Promise<unknown>, took: number, unchanged: () => boolean): Promise<void> {
  if (prepared || took > QUICK) return;
  prepared = true;
  for (let i = 0; i < TIMES; i++) {
    await idle();
    if (!unchanged()) return;
    // What is wrong is for the screen to say, when it asks.
    await ask().catch(() => undefined);
  }
}
