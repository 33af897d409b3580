import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    // Tests wait for servers more than they compute: two files at a time, also where Vitest would take one.
    maxWorkers: 2,
    // A second try on a shared CI machine; the report names every test that needed one.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    sequence: { shuffle: { files: true, tests: false } },
  },
});
