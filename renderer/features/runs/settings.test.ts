import { describe, expect, it } from 'vitest';
import { changedSettings, OLS_252, ROBUST_HELD } from '../../../main/contract/settings.ts';
import { draftOf, problemOf, settingsOfDraft } from './settings.ts';

describe('settings being edited', () => {
  it('are a preset until something is changed, and say what', () => {
    expect(settingsOfDraft(draftOf('ols-252'))).toEqual(OLS_252);
    expect(settingsOfDraft(draftOf('robust-held'))).toEqual(ROBUST_HELD);
    expect(changedSettings({ ...ROBUST_HELD, halfLife: null, intercept: true, huberC: 1.3 })).toEqual([
      'intercept=yes',
      'halfLife=none',
      'huberC=1.3',
    ]);
  });

  it('remove variance level by level as soon as explained shares cannot add up', () => {
    expect(settingsOfDraft({ ...draftOf('ols-252'), loss: 'huber' }).riskShares).toBe('removed');
    expect(settingsOfDraft({ ...draftOf('ols-252'), refresh: 'month-end' }).riskShares).toBe('explained');
  });

  it.each([
    [{ window: null }, 'window'],
    [{ window: 60 }, 'fewest rows cannot be more'],
    [{ halfLife: 0.5 }, 'half-life'],
    [{ loss: 'huber', huberC: 1 }, 'Huber'],
    [{ shrink: 'vasicek' }, 'realised'],
  ] as const)('name the problem of %j', (patch, words) => {
    expect(problemOf({ ...draftOf('ols-252'), ...patch })).toContain(words);
  });
});
