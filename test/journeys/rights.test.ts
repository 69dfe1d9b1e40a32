import { describe, expect, test } from 'vitest';
import { run } from '../program.ts';
import { advisoryLocks } from '../servers/databases.ts';
import { freshPair } from './pair.ts';

const READS = [
  ['status'],
  ['plan'],
  ['health'],
  ['verify'],
  ['wait', '--wait-timeout', '200ms'],
  ['rollback-plan'],
  ['migrate', '--dry-run'],
];

describe('least rights', () => {
  test('read commands work with SELECT alone, and write nothing, before and after migrating', async () => {
    const { postgres, neo4j, env } = await freshPair();
    const reader = `${postgres.database}_reader`;
    await postgres.asSuperuser(
      `CREATE ROLE ${reader} LOGIN PASSWORD 'reader-password'; GRANT CONNECT ON DATABASE ${postgres.database} TO ${reader}`,
    );
    const readerEnv = { ...env, POSTGRES_USER: reader, POSTGRES_PASSWORD: 'reader-password' };
    const written = async () => [
      await postgres.query(
        'SELECT xact_commit IS NOT NULL AS known, tup_inserted + tup_updated + tup_deleted >= 0 AS counted FROM pg_stat_database WHERE datname = current_database()',
      ),
      await postgres.query("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname"),
      await advisoryLocks(postgres),
      await neo4j.run('MATCH (n) RETURN count(n) AS nodes, sum(size(keys(n))) AS properties'),
      await neo4j.run('SHOW INDEXES YIELD name RETURN name ORDER BY name'),
      await neo4j.run('SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name'),
    ];
    const readAll = async () => {
      const before = await written();
      const ends = await Promise.all(READS.map(async (args) => [args[0], (await run(args, { env: readerEnv })).code]));
      expect(await written()).toEqual(before);
      return Object.fromEntries(ends);
    };
    try {
      expect(await readAll()).toEqual({
        status: 0,
        plan: 0,
        health: 77,
        verify: 3,
        wait: 69,
        'rollback-plan': 0,
        migrate: 0,
      });
      expect((await run(['migrate'], { env })).code).toBe(0);
      await postgres.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader}`);
      expect(await readAll()).toEqual({
        status: 0,
        plan: 0,
        health: 77,
        verify: 0,
        wait: 0,
        'rollback-plan': 0,
        migrate: 0,
      });
    } finally {
      await postgres.asSuperuser(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
    }
  });

  test('a role that owns the schema and nothing more migrates', async () => {
    const { postgres, env } = await freshPair();
    await postgres.asSuperuser(
      `ALTER DATABASE ${postgres.database} OWNER TO CURRENT_USER; REVOKE CREATE ON DATABASE ${postgres.database} FROM PUBLIC; ALTER SCHEMA public OWNER TO ${postgres.user}`,
    );
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
  });
});
