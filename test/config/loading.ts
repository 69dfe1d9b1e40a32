import { type Config, type Flags, loadConfig } from '../../src/config.ts';
import { DATABASES, type Database } from '../../src/core/migration.ts';
import { MigrateError, type Problem } from '../../src/errors.ts';

export const POSTGRES = { POSTGRES_HOST: 'db.example', POSTGRES_DB: 'localrag', POSTGRES_USER: 'app' };
export const NEO4J = { NEO4J_URI: 'neo4j://graph.example:7687', NEO4J_PASSWORD: 'graph-secret' };

interface Options {
  readonly flags?: Flags;
  readonly scope?: readonly Database[];
  readonly dotenv?: string | Problem;
}

export function load(env: Record<string, string | undefined>, options: Options = {}): Config {
  const { flags = {}, scope = DATABASES, dotenv } = options;
  return loadConfig(env, flags, scope, { migrationsDir: '/image/migrations' }, dotenv);
}

/** PostgreSQL's part, with nothing else in scope. */
export function postgres(env: Record<string, string | undefined>, options: Options = {}) {
  const config = load(env, { scope: ['postgres'], ...options }).postgres;
  if (!config) throw new Error('PostgreSQL is in scope, but not in the configuration');
  return config;
}

/** The problems of a configuration that must not be valid, each as a person reads it: message, then hint. */
export function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof MigrateError) || error.kind !== 'config') throw error;
    return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
  }
  throw new Error('the configuration is valid');
}
