/** Fields are none: a key pressed there, such as that of an undo, would be theirs. Nor is what gives work up: Enter pressed twice would do it. */
const CONTROLS = 'button:enabled:not([data-gives-up]), a[href], summary, [role=gridcell][tabindex="0"]';

/** Elements around one, from the inside out, up to what holds the whole screen; none outside the content. */
function around(element: Element): Element[] {
  const out: Element[] = [];
  for (let at = element.parentElement; at && at.tagName !== 'MAIN'; at = at.parentElement) out.push(at);
  return element.closest('main') ? out : [];
}

/** The first control of a place takes the focus: what was done took its own away, or leaves it disabled. */
export const focusIn = (place: Element | undefined): void => place?.querySelector<HTMLElement>(CONTROLS)?.focus({ preventScroll: true });

/** The content takes the focus once, so that keys scroll it; a click beside every control must not give it. */
export function focusContent(): void {
  const main = document.querySelector('main');
  if (!main) return;
  main.tabIndex = -1;
  main.addEventListener('blur', () => main.removeAttribute('tabindex'), { once: true });
  main.focus({ preventScroll: true });
}

/**
 * A control that goes away with what it did (a file discarded, an undo, a screen left) takes the focus with it: it goes to the first
 * control of the nearest place around it that is still there, else to the content. A grid that scrolls looks after itself.
 */
export function passFocusOn(): void {
  let focused: Element | null = null;
  let places: readonly Element[] = [];
  document.addEventListener('focusin', ({ target }) => {
    focused = target instanceof Element && !target.closest('dialog') ? (target.closest('[role=grid]') ?? target) : null;
    places = focused ? around(focused) : [];
  });
  document.addEventListener('pointerdown', () => (focused = null));
  new MutationObserver(() => {
    if (!focused || focused.isConnected) return;
    focused = null;
    const left = places;
    // What waited for the same work is enabled again by then.
    setTimeout(() => {
      if (document.activeElement !== document.body) return;
      for (const place of left) {
        const control = place.isConnected ? place.querySelector<HTMLElement>(CONTROLS) : null;
        if (control) return control.focus({ preventScroll: true });
      }
      focusContent();
    });
  }).observe(document, { subtree: true, childList: true });
}

/**
 * A button that is disabled while its work goes on loses the focus, and a person at the keyboard the place. It gets the focus back when
 * it is enabled again, unless that went elsewhere meanwhile. To be called once.
 */
export function keepFocus(): void {
  const disabled = (target: EventTarget | null): boolean => target instanceof HTMLButtonElement && target.disabled;
  let focused: EventTarget | null = null;
  let lost: EventTarget | null = null;
  document.addEventListener('focusin', ({ target }) => {
    focused = target;
    lost = null;
  });
  document.addEventListener('focusout', ({ target }) => {
    if (!disabled(target)) focused = null;
  });
  // A click beside every control is a choice as well.
  document.addEventListener('pointerdown', () => (lost = null));
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (disabled(target)) {
        if (target === focused) lost = target;
      } else if (target === lost) {
        lost = null;
        if (document.activeElement === document.body) (target as HTMLButtonElement).focus({ preventScroll: true });
      }
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ['disabled'] });
}
