/** Milliseconds after which a browser that cannot tell is taken for idle. */
const PERHAPS = 200;

/** The next moment in which the page has nothing to do, as far as the browser tells. */
export const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve());
    else setTimeout(resolve, PERHAPS);
  });
