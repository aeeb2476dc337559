import js from '@eslint/js';
import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

// Node 18 (the oldest runtime the bundles meet) lacks these, though Node 24 types show them.
const missingOnNode18 = [
  ['Array', 'fromAsync'],
  ['Object', 'groupBy'],
  ['Map', 'groupBy'],
  ['Promise', 'withResolvers'],
  ['AbortSignal', 'any'],
  ['URL', 'canParse'],
  ['ReadableStream', 'from'],
].map(([object, property]) => ({ object, property, message: 'Not in Node 18 / Chromium 114.' }));

export default ts.config(
  { ignores: ['dist/', 'out/', 'node_modules/', 'test-results/', 'main/quant/wasm/', 'main/importers/wasm/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      'no-restricted-properties': ['error', ...missingOnNode18],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      eqeqeq: 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-console': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
  },
  {
    files: ['main/{contract,calendar,quant,importers,exporters}/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['node:*'] }] },
  },
);
