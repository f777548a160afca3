import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const exportByName = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };

const typed = {
  files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'vitest.config.ts'],
  extends: [
    js.configs.recommended,
    ...tseslint.configs.strictTypeChecked,
    ...tseslint.configs.stylisticTypeChecked,
  ],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  linterOptions: { reportUnusedDisableDirectives: 'error' },
  rules: {
    'max-lines': ['error', { max: 300 }],
    'max-lines-per-function': ['error', { max: 60, skipComments: true }],
    complexity: ['error', { max: 12, variant: 'modified' }],
    'max-params': ['error', 4],
    'no-console': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/consistent-type-imports': 'error',
    '@typescript-eslint/no-confusing-void-expression': 'off',
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    'no-restricted-syntax': ['error', exportByName],
  },
};

/** Core is a pure function of its arguments: no clock, file, network, randomness or environment. */
const pureCore = {
  files: ['src/core/**/*.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ group: ['node:*'], message: 'Core is pure: put the effect behind a port.' }] },
    ],
    'no-restricted-globals': [
      'error',
      ...['process', 'fetch', 'setTimeout', 'setInterval', 'console', 'Buffer', 'performance'].map(
        (name) => ({
          name,
          message: 'Core is pure: put the effect behind a port.',
        }),
      ),
    ],
    'no-restricted-syntax': [
      'error',
      exportByName,
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Pass the clock in.' },
      {
        selector: "MemberExpression[object.name='Date'][property.name='now']",
        message: 'Pass the clock in.',
      },
      {
        selector: "MemberExpression[object.name='Math'][property.name='random']",
        message: 'Pass the ids in.',
      },
    ],
  },
};

const tests = {
  files: ['test/**/*.ts', 'bench/**/*.ts'],
  rules: {
    'max-lines': 'off',
    'max-lines-per-function': 'off',
    'no-restricted-properties': [
      'error',
      { object: 'vi', property: 'mock', message: 'Fake the far side, not our own modules.' },
    ],
  },
};

/** Programs of the repository itself: plain JavaScript, because they run before anything is installed or built. */
const scripts = {
  files: ['scripts/**/*.mjs', 'clusters/**/*.mjs'],
  extends: [js.configs.recommended],
  languageOptions: {
    globals: {
      process: 'readonly',
      performance: 'readonly',
      setTimeout: 'readonly',
      clearTimeout: 'readonly',
      setInterval: 'readonly',
      clearInterval: 'readonly',
      Buffer: 'readonly',
    },
  },
  rules: {
    'max-lines': ['error', { max: 300 }],
    'max-lines-per-function': ['error', { max: 60 }],
    complexity: ['error', { max: 12, variant: 'modified' }],
  },
};

const configs = { files: ['vitest.config.ts'], rules: { 'no-restricted-syntax': 'off' } };

export default tseslint.config(
  {
    ignores: ['dist/**', 'coverage/**', '*.config.js', '.dependency-cruiser.cjs'],
  },
  typed,
  pureCore,
  tests,
  scripts,
  configs,
);
