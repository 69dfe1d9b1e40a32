import type { Database } from '../core/migration.ts';

const SQL = (slug: string) => `-- ${slug.replaceAll('_', ' ').trim()}
--
-- The whole file runs in one transaction with its history row; leave out BEGIN and COMMIT.
-- Directives stand here, each on a line of its own that begins with "migrate:": no-transaction (for CREATE INDEX
-- CONCURRENTLY and the like), replayable, breaking, ddl-lock-timeout=5s, statement-timeout=5m,
-- allow <rule>: <reason>.



-- Rollback:
-- 
`;

const CYPHER = (slug: string) => `// ${slug.replaceAll('_', ' ').trim()}
//
// Data statements that stand together are one transaction with their progress. Indexes and constraints have a name and say
// IF NOT EXISTS or IF EXISTS, for they may run a second time. Directives stand here, each on a line of its own that begins
// with "migrate:": auto-commit (for CALL … IN TRANSACTIONS), replayable, breaking, statement-timeout=5m, allow <rule>: <reason>.



// Rollback:
// 
`;

/** What a new migration begins with: how it runs, which directives there are, and the section that undoes it. */
export function template(slug: string, database: Database): string {
  return database === 'postgres' ? SQL(slug) : CYPHER(slug);
}
