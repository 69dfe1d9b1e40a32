import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Rule } from '../../src/analysis/lint/rule.ts';
import { RULES } from '../../src/analysis/lint/rules.ts';
import type { Migration } from '../../src/core/migration.ts';
import { filesOf } from '../lint/files.ts';
import { type EmptyNeo4j, emptyNeo4j, type FreshDatabase, freshDatabase } from '../servers/databases.ts';

// What the rules say of the databases, held against the databases.

/** Bad examples that the server refuses, as their rules say. */
const REFUSED: Readonly<Record<string, string>> = {
  syntax: '42601',
  'extension-if-not-exists': '42710',
  'vector-too-wide-for-index': '54000',
  'vector-index-without-operators': '42704',
  'enum-value-in-transaction': '55P04',
  'server-file': '42501',
  'constraint-over-index': 'Neo.ClientError.Schema.IndexAlreadyExists',
  'enterprise-only': 'Neo.DatabaseError.Schema.ConstraintCreationFailed',
  'removed-syntax': 'Neo.ClientError.Statement.SyntaxError',
  'plugin-procedure': 'Neo.ClientError.Procedure.ProcedureNotFound',
  'load-csv': 'Neo.ClientError.Statement.ExternalResourceFailed',
};

/** Rules that say that the whole table is written anew; and TRUNCATE begins an empty one. */
const REWRITING = [
  'volatile-default-rewrites',
  'generated-column-rewrites',
  'type-change-rewrites',
  'table-rewrite',
  'truncate',
];

const codeOf = (error: unknown) => (error as { code?: string }).code;

describe('PostgreSQL', () => {
  let database: FreshDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    return async () => {
      await client.end();
      await database.drop();
    };
  });

  const run = async ({ text, steps, directives }: Migration) => {
    if (!directives.noTransaction) return client.query(text);
    for (const { statements } of steps)
      for (const { start, end } of statements) await client.query(text.slice(start, end));
  };

  /** Whether the server refuses the last file, and whether it stores the example's table anew: then its rows are copied. */
  const play = async (files: readonly Migration[]) => {
    await client.query(
      'DROP SCHEMA IF EXISTS example CASCADE; CREATE SCHEMA example; SET search_path = example, public',
    );
    for (const file of files.slice(0, -1)) await run(file);
    const stored = async () =>
      (await client.query("SELECT pg_relation_filenode(to_regclass('notes')) AS node")).rows[0]?.node as number | null;
    const before = await stored();
    const [last] = files.slice(-1);
    const code = last && (await run(last).then(() => undefined, codeOf));
    const after = await stored();
    return { code, rewritten: before !== null && after !== null && after !== before };
  };

  test.each(RULES.filter(({ of }) => of !== 'cypher'))('$id', async ({ id, bad, good }) => {
    expect(await play(filesOf(good, 'sql')), 'the good example').toEqual({ code: undefined, rewritten: false });
    expect(await play(filesOf(bad, 'sql')), 'the bad example').toEqual({
      code: REFUSED[id],
      rewritten: REWRITING.includes(id),
    });
  });
});

describe('Neo4j', () => {
  let neo4j: EmptyNeo4j;
  beforeAll(async () => {
    neo4j = await emptyNeo4j();
    return () => neo4j.close();
  });

  const play = async (files: readonly Migration[]) => {
    // What stands in the way of a later example.
    await neo4j.run('DROP CONSTRAINT note_title_unique IF EXISTS');
    await neo4j.run('DROP INDEX note_title_idx IF EXISTS');
    // The server takes schema-procedure's bad example alone; beside the history it does not (test/bad-input/hints.test.ts).
    await neo4j.run('DROP INDEX note_embedding_idx IF EXISTS');
    for (const { text, steps } of files)
      for (const { start, end } of steps.flatMap(({ statements }) => statements))
        await neo4j.run(text.slice(start, end));
  };

  test.each(RULES.filter((rule): rule is Rule => rule.of === 'cypher'))('$id', async ({ id, bad, good }) => {
    await play(filesOf(good, 'cypher'));
    const code = await play(filesOf(bad, 'cypher')).then(() => undefined, codeOf);
    expect(code, 'the bad example').toBe(REFUSED[id]);
  });
});
