import { PostgresEngine } from '../../src/engine/postgres/engine.ts';
import { engineContract } from '../contract/contract.ts';
import { budgets, identity } from '../contract/settings.ts';
import { advisoryLocks, freshDatabase } from '../servers/databases.ts';

engineContract(
  'PostgreSQL',
  {
    extension: 'sql',
    // Without a unique key: work that is done twice shows.
    insert: (tag) => `CREATE TABLE IF NOT EXISTS effects (tag text); INSERT INTO effects VALUES ('${tag}')`,
    refused: 'SELECT 1/0',
    endless: 'SELECT pg_sleep(3600)',
  },
  async () => {
    const database = await freshDatabase();
    const config = {
      ...database,
      sslmode: 'disable' as const,
      tls: [false as const],
      connectTimeout: 10_000,
    };
    return {
      database: 'postgres',
      open: () => new PostgresEngine({ config, budgets, identity, emit: () => {} }),
      snapshot: async () =>
        JSON.stringify([
          await database.query(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname",
          ),
          await advisoryLocks(database),
        ]),
      count: async (tag) => {
        const [row] = await database.query("SELECT to_regclass('effects') IS NOT NULL AS there");
        if (row?.there !== true) return 0;
        const [counted] = await database.query('SELECT count(*)::int AS n FROM effects WHERE tag = $1', [tag]);
        return Number(counted?.n);
      },
      end: () => database.drop(),
    };
  },
);
