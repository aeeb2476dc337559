import './lib/locale.ts';
import { mount } from 'svelte';
import App from './App.svelte';
import './lib/base.css';
import { openSession } from './lib/api.ts';
import { followKeptFormats } from './lib/formats.svelte.ts';
import { followKeptDensity } from './lib/density.svelte.ts';
import { keepFocus, passFocusOn } from './lib/keep-focus.ts';
import { loadPreferences, onPreference } from './lib/preferences.svelte.ts';
import { followKeptTheme, followSystemTheme } from './lib/theme.svelte.ts';

followSystemTheme();
keepFocus();
passFocusOn();
const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
const refusal = await openSession();
if (refusal === null) {
  const follow = (): void => {
    followKeptTheme();
    followKeptFormats();
    followKeptDensity();
  };
  await loadPreferences();
  follow();
  onPreference(follow);
}
mount(App, { target, props: { refusal } });
