import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['.svelte-kit/', 'build/', 'src/lib/paraglide/', 'src/lib/api/schema.d.ts', 'project.inlang/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      // TypeScript resolves names itself.
      'no-undef': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
    rules: {
      // The app is served from the root in both hosts, and addresses are built with their query.
      'svelte/no-navigation-without-resolve': 'off',
      // Dates and sets here are made, read and dropped within one function.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    // The window host is reached through one port, so that every page also runs in a browser.
    files: ['src/**'],
    ignores: ['src/lib/host/tauri.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@tauri-apps/*'], message: 'Only src/lib/host/tauri.ts talks to the app window; use $lib/host.' },
          ],
        },
      ],
    },
  },
);
