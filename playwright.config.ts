import { defineConfig } from '@playwright/test';
import { browserOptions } from './scripts/setup.mjs';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 1,
  forbidOnly: true,
  outputDir: 'test-results',
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 1000 },
    launchOptions: browserOptions(),
    // The tests of the service worker allow theirs: in all others, what the server does is what the page gets.
    serviceWorkers: 'block',
  },
});
