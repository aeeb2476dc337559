import { expect, it } from 'vitest';
import { sessionsNote } from './sessions-note.ts';

it('says which sessions are counted, and how many names are not', () => {
  const note = (counted: number, young: number): string => sessionsNote({ counted, of: 252, young }, String);
  expect(note(252, 0)).toBe('over the last 252 sessions');
  expect(note(199, 0)).toBe('over 199 of the last 252 sessions, which its positions have in common');
  expect(note(252, 1)).toBe('over the last 252 sessions, without a name of too short a history');
  expect(note(199, 40)).toMatch(/in common, without 40 names of too short a history$/);
  expect(sessionsNote(null, String)).toContain('have in common');
});
