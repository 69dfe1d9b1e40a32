import { defineConfig } from 'vitest/config';

/** What needs no server, and so runs at once wherever Node does. */
const alone = [
  ...[
    'architecture',
    'bad-input/offline',
    'catalog',
    'cluster',
    'config',
    'contract',
    'core',
    'files',
    'lint',
    'live',
    'process',
  ].map((directory) => `test/${directory}/**/*.test.ts`),
  'test/analysis/!(lint-facts).test.ts',
  'test/docs/!(guide|least-rights).test.ts',
  'test/release/@(release-check|workflows).test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', './scripts/counts-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: alone,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'chart',
          include: ['test/chart/**/*.test.ts'],
          globalSetup: 'test/chart/setup.ts',
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'servers',
          include: ['test/**/*.test.ts'],
          // The image has its own runs, npm run test:image and test:arm64; what needs further tools has npm run test:release.
          exclude: [...alone, 'test/chart/**', 'test/image/**', 'test/arm64/**', 'test/release/with-tools/**'],
          globalSetup: 'test/servers/setup.ts',
          // Each worker has a Neo4j of its own, which every file empties; one that is given is the only one.
          maxWorkers: process.env.TEST_NEO4J_URI ? 1 : 2,
          testTimeout: 60_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
