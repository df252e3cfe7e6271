import js from '@eslint/js';
import globals from 'globals';

const rules = {
  complexity: ['error', 10],
  eqeqeq: 'error',
  'max-lines': ['error', { max: 350 }],
  'no-var': 'error',
  'prefer-const': 'error',
};

export default [
  js.configs.recommended,
  { rules, linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['digitapp/web/static/**/*.js'], languageOptions: { globals: globals.browser } },
  { files: ['tests/js/**/*.js'], languageOptions: { globals: globals.node } },
];
