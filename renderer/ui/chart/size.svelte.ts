/** One observer for the size of every chart, and the pixel ratio of the window: another screen or zoom draws canvases anew. */
// Nothing on a screen depends on it.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const watched = new Map<Element, (width: number, height: number) => void>();
let observer: ResizeObserver | undefined;

/** Calls back with the content box now and at each change, until the answer is called. */
export function onSize(element: Element, changed: (width: number, height: number) => void): () => void {
  observer ??= new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) watched.get(target)?.(contentRect.width, contentRect.height);
  });
  watched.set(element, changed);
  observer.observe(element);
  return () => {
    watched.delete(element);
    observer?.unobserve(element);
  };
}

/** Changes of the ratio so far; plots that read it are drawn again. uPlot tells of a change once it has taken note itself. */
export const pixelRatio = $state({ changes: 0 });
window.addEventListener('dppxchange', () => (pixelRatio.changes += 1));
