import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import page from './vite.config.ts';

/* Apart from the page's configuration: whoever only builds or starts it has no Vitest installed. */

export default mergeConfig(
  page,
  defineConfig({
    // Of Svelte, tests of components need what browsers get; tests in Node must not get that of other packages.
    environments: { client: { resolve: { conditions: ['browser'] } } },
    test: {
      root: fileURLToPath(new URL('.', import.meta.url)),
      environment: 'node',
      testTimeout: 30_000,
      projects: [
        // core/ keeps no state and touches no globals: its files share a thread each core, which spares a quarter of the time.
        { extends: true, test: { name: 'core', include: ['core/**/*.test.ts'], pool: 'threads', isolate: false } },
        {
          extends: true,
          test: { name: 'rooms', include: ['{worker,edge-server,web,cli,bench,scripts,e2e/faults}/**/*.test.ts'] },
        },
      ],
      coverage: {
        provider: 'v8',
        reporter: ['text-summary'],
        include: ['{core,worker,edge-server,web,cli,bench}/**/*.{ts,svelte}'],
        exclude: ['**/*.test.ts', '**/testing/**'],
      },
    },
  }),
);
