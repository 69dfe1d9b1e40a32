import { defineConfig } from 'vitest/config';

/** The image that `npm run image` built: apart from `npm test`, because it needs a Docker daemon. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    reporters: ['default', './scripts/counts-reporter.ts'],
    include: ['test/image/**/*.test.ts'],
    globalSetup: ['test/servers/setup.ts', 'test/image/setup.ts'],
    // Neo4j Community has one database, which every file empties.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
