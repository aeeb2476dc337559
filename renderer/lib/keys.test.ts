import { expect, it } from 'vitest';
import { keyWords, pressed } from './keys.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

it('names key presses alike on every platform', () => {
  expect(pressed(press('k', { ctrlKey: true }), false)).toBe('Mod+K');
  expect(pressed(press('k', { metaKey: true }), true)).toBe('Mod+K');
  // Ctrl+K on a Mac deletes to the end of the line: it is not the palette.
  expect(pressed(press('k', { ctrlKey: true }), true)).toBe('Other+k');
  expect(pressed(press('?', { shiftKey: true }), false)).toBe('?');
  expect(pressed(press('z', { ctrlKey: true }), false)).toBe('Mod+Z');
  expect(pressed(press('Z', { metaKey: true, shiftKey: true }), true)).toBe('Mod+Shift+Z');
  expect(pressed(press('ArrowLeft', { altKey: true }), false)).toBe('Alt+ArrowLeft');
});

it('writes them as people read them', () => {
  expect(['Mod+K', 'Alt+ArrowLeft', 'g b'].map((keys) => keyWords(keys, false))).toEqual(['Ctrl+K', 'Alt+←', 'g then b']);
});
