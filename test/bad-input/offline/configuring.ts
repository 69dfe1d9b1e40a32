import { expect } from 'vitest';
import { attempt, expectRefusal, type Told } from '../refusal.ts';

/** Nobody listens there: a configuration that is wrong is told before anybody connects. */
export const POSTGRES = {
  POSTGRES_HOST: '127.0.0.1',
  POSTGRES_PORT: '1',
  POSTGRES_DB: 'localrag',
  POSTGRES_USER: 'app',
  POSTGRES_PASSWORD: 'correct-horse',
};
export const NEO4J = { NEO4J_URI: 'bolt://127.0.0.1:1', NEO4J_PASSWORD: 'battery-staple' };
export const BOTH = { ...POSTGRES, ...NEO4J };
export const URL_OF_NOBODY = 'postgresql://app:correct-horse@127.0.0.1:1/localrag';

export const NO_POSTGRES: Told = {
  says: 'PostgreSQL is not configured: set DATABASE_URL, or POSTGRES_HOST, POSTGRES_DB and POSTGRES_USER',
  hint: 'leave PostgreSQL out: `localrag-migrate neo4j …`',
};
export const NO_NEO4J: Told = {
  says: 'Neo4j is not configured: NEO4J_URI and NEO4J_PASSWORD are not set',
  hint: 'leave Neo4j out: `localrag-migrate postgres …`',
};

/** The command ends with 78, and with these problems and no others. */
export async function expectProblems(args: string, env: Readonly<Record<string, string>>, problems: readonly Told[]) {
  const ended = await attempt(args.split(' '), { env });
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  expectRefusal(ended, { kind: 'config', says: `the configuration is not valid: ${count}`, problems });
  expect(ended.stdout).toBe('');
}
