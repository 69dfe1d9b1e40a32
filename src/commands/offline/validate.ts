import type { Migration } from '../../core/migration.ts';
import type { Report } from '../context.ts';

/** The files alone; loading them has found every problem already, or there is none. */
export function validate(files: readonly Migration[]): Report {
  const count = (database: string) => files.filter((file) => file.database === database).length;
  return {
    kind: 'ok',
    text: `${files.length === 1 ? '1 migration is' : `${files.length} migrations are`} valid: ${count('postgres')} for PostgreSQL, ${count('neo4j')} for Neo4j.`,
    data: {
      migrations: files.map(({ version, name, database, checksum, steps }) => ({
        version,
        name,
        database,
        checksum,
        steps: steps.length,
      })),
    },
  };
}
