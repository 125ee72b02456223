import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';

const TESTS = ['**/*.test.ts', '**/testing/**', 'e2e/**'];

/* Who may import whom stands in `.dependency-cruiser.js`. */
export default typescript.config(
  { ignores: ['dist/', 'node_modules/', 'public/', 'test-results/', 'playwright-report/', 'coverage/', 'training/'] },
  ...typescript.configs.strictTypeChecked,
  ...typescript.configs.stylistic,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
    // Runes have other types here than svelte-check knows.
    rules: { '@typescript-eslint/no-unnecessary-type-assertion': 'off' },
  },
  {
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `void` marks what is read for an effect to depend on, and a call whose result an arrow function does not pass on.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Policies' optional methods are asked for by name (`if (policy.predict)`), never called apart from their object.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      // Abort signals and library promises reject with whatever they were given.
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: true },
      ],
      '@typescript-eslint/no-unused-expressions': 'off',
      'no-console': ['error', { allow: ['debug'] }],
      // State here is replaced whole ($state.raw), so built-in maps in it need not be reactive.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    // Newer than the oldest browsers that the page promises (`scripts/oldest-browsers.ts`). What is newer than ES2023 the
    // compiler does not know.
    files: ['core/**', 'worker/**', 'web/**'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...[
          ['AbortSignal', 'any', 'Chrome 116, Safari 17.4'],
          ['URL', 'canParse', 'Chrome 120, Safari 17'],
          ['URL', 'parse', 'Chrome 126, Firefox 126, Safari 18'],
          ['Promise', 'withResolvers', 'Chrome 119, Firefox 121, Safari 17.4'],
          ['Object', 'groupBy', 'Chrome 117, Firefox 119, Safari 17.4'],
          ['Map', 'groupBy', 'Chrome 117, Firefox 119, Safari 17.4'],
          ['Array', 'fromAsync', 'Chrome 121'],
          ['document', 'startViewTransition', 'Firefox 144, Safari 18'],
        ].map(([object, property, since]) => ({ object, property, message: `It needs ${since}.` })),
      ],
    },
  },
  {
    // What crosses between components' markup is checked by svelte-check; to the linter it is `any`. Tests read JSON that the
    // code under test has written.
    files: ['**/*.svelte', ...TESTS],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Tests reject with what the code under test is to hand on, and look at what need not be there.
    files: TESTS,
    rules: {
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...typescript.configs.disableTypeChecked },
  {
    files: ['cli/**', 'bench/**', 'scripts/**', 'e2e/faults/main.ts', 'edge-server/main.ts'],
    rules: { 'no-console': 'off' },
  },
);
