/** The estimator's settings as chosen and not run with yet. */
import { FormDraft } from '../../lib/form-draft.svelte.ts';
import type { Draft } from '../runs/settings.ts';

export const estimatorDraft = new FormDraft<Draft>();
