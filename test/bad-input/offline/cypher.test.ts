import { test } from 'vitest';
import { expectRefusal, type Told } from '../refusal.ts';
import { CYPHER, validate } from './validate.ts';

test.each<[what: string, cypher: string | Uint8Array, told: Told]>([
  ['nothing', '', { says: 'the file holds no statement: it is empty', at: CYPHER }],
  ['comments alone', '// soon\n', { says: 'the file holds no statement, only comments', at: CYPHER }],
  [
    'a string without end',
    "CREATE (:A {name: 'a''});\n",
    { says: 'unterminated string: it opens here', at: `${CYPHER}:1:22` },
  ],
  ['a backtick without end', 'RETURN 1;\nMATCH (n:`A) RETURN n;', { says: 'is never closed', at: `${CYPHER}:2:10` }],
  [
    'a comment without end',
    'RETURN 1; /* /* */ */ /*',
    { says: 'unterminated comment: it opens here', at: `${CYPHER}:1:23` },
  ],
  [
    ':begin of cypher-shell',
    ':begin\nCREATE (:A);\n',
    { says: ':begin is no Cypher: it is a command of cypher-shell', hint: 'take it out', at: `${CYPHER}:1:1` },
  ],
  [
    ':param of cypher-shell',
    ':param x => 1\nCREATE (:A {x: $x});\n',
    { says: ':param is no Cypher', hint: 'write the value into the statement', at: `${CYPHER}:1:1` },
  ],
  [
    'an index that may be made once',
    'CREATE INDEX a_name FOR (a:A) ON (a.name);',
    {
      says: 'a second run of this would fail: write CREATE INDEX a_name IF NOT EXISTS',
      hint: 'may run a second time',
      at: `${CYPHER}:1:1`,
    },
  ],
  [
    'a constraint without a name',
    'CREATE CONSTRAINT IF NOT EXISTS FOR (a:A) REQUIRE a.id IS UNIQUE;',
    { says: 'this constraint has no name', at: `${CYPHER}:1:1` },
  ],
  [
    'a drop that may be done once',
    'DROP INDEX a_name;',
    { says: 'write DROP INDEX a_name IF EXISTS', at: `${CYPHER}:1:1` },
  ],
  [
    'batches in a transaction',
    'MATCH (a:A) CALL (a) { SET a.x = 1 } IN TRANSACTIONS;',
    { says: 'CALL … IN TRANSACTIONS commits on its own', hint: '// migrate: auto-commit', at: `${CYPHER}:1:1` },
  ],
  [
    'PROFILE',
    'CREATE (:A);\nPROFILE MATCH (a:A) SET a.x = 1;',
    { says: 'PROFILE shows how a statement runs', hint: 'remove PROFILE', at: `${CYPHER}:2:1` },
  ],
  [
    'EXPLAIN behind a version',
    'CYPHER 5 EXPLAIN CREATE (:A);',
    { says: 'EXPLAIN shows the plan of a statement and does not run it', hint: 'remove EXPLAIN', at: `${CYPHER}:1:10` },
  ],
  [
    'a user',
    "CREATE USER a SET PASSWORD 'b-long-one';",
    { says: 'CREATE USER administers the server', hint: 'cypher-shell', at: `${CYPHER}:1:1` },
  ],
  ['databases shown', 'SHOW DATABASES;', { says: 'SHOW DATABASES administers the server', at: `${CYPHER}:1:1` }],
  [
    ':auto of cypher-shell',
    ':auto MATCH (a:A) CALL (a) { SET a.x = 1 } IN TRANSACTIONS;',
    { says: ':auto is no Cypher', hint: '// migrate: auto-commit', at: `${CYPHER}:1:1` },
  ],
  [
    'an index without a name',
    'CREATE INDEX IF NOT EXISTS FOR (a:A) ON (a.name);',
    { says: 'this index has no name', hint: 'cannot check afterwards', at: `${CYPHER}:1:1` },
  ],
  [
    'a zero width space',
    'CREATE (:A);\nCREATE (:B\u200B);',
    { says: 'U+200B (zero width space) outside of strings', hint: 'remove it', at: `${CYPHER}:2:11` },
  ],
  [
    'another database',
    'USE other CREATE (:A);',
    {
      says: 'USE goes to another database than the one that keeps the history',
      hint: 'NEO4J_DATABASE',
      at: `${CYPHER}:1:1`,
    },
  ],
  [
    'the history',
    'MATCH (m:_Migration) DELETE m;',
    { says: "the label _Migration is the history's own", hint: 'localrag-migrate repair', at: `${CYPHER}:1:10` },
  ],
  [
    'the lease',
    'MATCH (l:`_MigrationLease`) DELETE l;',
    { says: "the label _MigrationLease is the history's own", at: `${CYPHER}:1:10` },
  ],
])('%s', async (_, cypher, told) => {
  expectRefusal(await validate({ [CYPHER]: cypher }), { kind: 'source', ...told });
});
