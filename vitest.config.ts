import { defineConfig } from 'vitest/config';

/** Real servers are started for these only, so that the others run at once wherever Node does. */
const needServers = ['engine', 'journeys', 'schema', 'bad-input', 'docs', 'servers', 'commands', 'faults'].map(
  (directory) => `test/${directory}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    reporters: ['default', './scripts/counts-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: needServers,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: needServers,
          globalSetup: 'test/servers/setup.ts',
          // Neo4j Community has one database, which every file empties.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
