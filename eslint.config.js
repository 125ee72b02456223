import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';

/** Who may not be imported from where, and where the code belongs instead. */
function arrows(room, forbidden) {
  return {
    files: [`${room}/**/*.{ts,svelte}`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: forbidden.map(([pattern, message]) => ({ regex: pattern, message })) },
      ],
    },
  };
}

const rooms = (...names) => `(^|/)(${names.join('|')})/`;
const shared = 'Rooms do not import each other: what both need is a contract and belongs in core/.';
const runtime = [
  '^(onnxruntime|ws$|@xenova)',
  'Reach runtimes and sockets through the one file of the room that owns them.',
];

export default typescript.config(
  { ignores: ['dist/', 'node_modules/', 'public/', 'test-results/', 'playwright-report/', 'training/'] },
  ...typescript.configs.strict,
  ...typescript.configs.stylistic,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
  },
  {
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-expressions': 'off',
      'no-console': 'error',
      // State here is replaced whole ($state.raw), so built-in maps in it need not be reactive.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  arrows('core', [
    [
      rooms('worker', 'edge-server', 'web', 'cli', 'bench', 'e2e'),
      'core/ imports nothing of ours: move it here or pass it in.',
    ],
    ['^(node:|svelte|chart)', 'core/ is pure: no DOM, no Node, no ONNX.'],
    runtime,
  ]),
  arrows('worker', [[rooms('edge-server', 'web', 'cli', 'bench', 'e2e'), shared], ['^node:', shared], runtime]),
  arrows('edge-server', [[rooms('worker', 'web', 'cli', 'bench', 'e2e'), shared], runtime]),
  arrows('web', [[rooms('worker', 'edge-server', 'cli', 'bench', 'e2e'), shared], ['^node:', shared], runtime]),
  arrows('cli', [[rooms('worker', 'web', 'bench', 'e2e'), shared], runtime]),
  arrows('e2e', [[rooms('worker', 'web'), 'Browser tests see only the page and its address.']]),
  {
    files: [
      'worker/onnx.ts',
      'worker/tokenizer.ts',
      'edge-server/onnx.ts',
      'edge-server/tokenizer.ts',
      'edge-server/web-socket.ts',
    ],
    rules: { 'no-restricted-imports': 'off' },
  },
  { files: ['cli/**', 'bench/**', 'scripts/**', 'edge-server/main.ts'], rules: { 'no-console': 'off' } },
);
