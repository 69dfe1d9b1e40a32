import { defineConfig } from 'vitest/config';

/** What a release consists of, checked with tools that Go builds or pip installs: apart from `npm test`, because that takes minutes. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    reporters: ['default', './scripts/counts-reporter.ts'],
    include: ['test/release/with-tools/**/*.test.ts'],
    // One Go build at a time.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 900_000,
  },
});
