import { defineConfig } from 'vitest/config';

/** The image for arm64, which is built under QEMU: apart from `npm test`, because it needs root, Debian and minutes. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    reporters: ['default', './scripts/counts-reporter.ts'],
    include: ['test/arm64/**/*.test.ts'],
    globalSetup: ['test/arm64/setup.ts', 'test/servers/setup.ts'],
    // Neo4j Community has one database, which every file empties.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
