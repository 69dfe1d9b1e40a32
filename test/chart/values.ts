import type { Values } from './helm.ts';

/** What production gives: Secrets that exist. */
export const EXISTING: Values = {
  postgres: { host: 'db.example', existingSecret: 'pg' },
  neo4j: { uri: 'neo4j://graph.example:7687', existingSecret: 'graph' },
};

/** What a first try gives: passwords in the values, of which the chart makes its own Secret. */
export const INLINE: Values = {
  postgres: { host: 'db.example', password: 'hunter2-postgres' },
  neo4j: { uri: 'neo4j://graph.example:7687', password: 'hunter2-neo4j' },
};

/** Everything that makes an object. */
export const EVERYTHING: Values = {
  ...INLINE,
  migrations: { inline: { '001_first.sql': 'SELECT 1;\n' } },
  serviceAccount: { create: true },
  networkPolicy: { enabled: true },
  prometheusRule: { enabled: true },
  cronJob: { enabled: true },
  tests: { enabled: true },
};

export const TENANTS = ['zeta.env', 'acme.env', 'beta.env', 'last.env'];
export const FLEET = { mode: 'fleet', fleet: { existingSecret: 'tenants', tenants: TENANTS } };

/** Of one pair of databases. */
export const MODES = ['hook', 'job', 'initContainer'] as const;
