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
