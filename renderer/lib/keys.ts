/** Key combinations as text: `Mod+K`, `Alt+ArrowLeft`, `?`, and two keys one after the other: `g b`. Mod is Ctrl, on a Mac Cmd. */

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The text of one key press. Shift is named with Ctrl or Cmd only: `?` already says it. */
export function pressed(event: KeyPress, mac: boolean): string {
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  const key = event.key.length === 1 ? (mod || event.altKey ? event.key.toUpperCase() : event.key) : event.key;
  const shift = event.shiftKey && (mod || other) && event.key.length === 1;
  return `${other ? 'Other+' : ''}${mod ? 'Mod+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

/** How keys read on a screen. */
export const keyWords = (keys: string, mac: boolean): string =>
  keys
    .replace('Mod', mac ? '⌘' : 'Ctrl')
    .replace('ArrowLeft', '←')
    .replace('ArrowRight', '→')
    .replace(/^([a-z]) ([a-z])$/, '$1 then $2');

/** A key press that belongs to a field being typed in. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|range|button|submit|file)$/.test(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
