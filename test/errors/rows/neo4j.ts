import type { Row } from './row.ts';

/** Run before the rows. */
export const PREPARED = [
  'CREATE CONSTRAINT keyed IF NOT EXISTS FOR (k:Keyed) REQUIRE k.key IS UNIQUE',
  'CREATE INDEX indexed IF NOT EXISTS FOR (i:Indexed) ON (i.text)',
  'CALL db.awaitIndexes()',
  'CREATE (:Keyed {key: 1}), (:Double {key: 1}), (:Double {key: 1}), (:Linked {n: 1})-[:TO]->(:Linked {n: 2})',
];

const STATEMENT = 'Neo.ClientError.Statement';

/** Applied as migrations. */
export const APPLIED: readonly Row[] = [
  {
    code: `${STATEMENT}.SyntaxError`,
    file: "// ä😀\nCREATE (:A {name: 'ä😀'});\nMATCH (n:A)\n  // 表\n  SET n.name = '😀表' RETRUN n;",
    hint: 'correct the word at the caret',
    at: '5:21',
  },
  {
    code: `${STATEMENT}.SyntaxError`,
    file: "RETURN '😀', apoc.text.join(['a'], ',');",
    hint: 'install the plugin',
    at: '1:13',
  },
  {
    code: `${STATEMENT}.SyntaxError`,
    file: "WITH '\\u00e4😀' AS t\nRETURN t, nope;",
    hint: 'or hand it on',
    at: '2:11',
  },
  {
    code: `${STATEMENT}.SyntaxError`,
    file: `WITH '${'ä'.repeat(5000)}' AS t RETURN nope, '${'x'.repeat(5000)}';`,
    hint: 'or hand it on',
    at: '1:5021',
  },
  { code: `${STATEMENT}.SyntaxError`, file: 'CREATE (n:A) CREATE (n:B);', hint: 'take another name', at: '1:22' },
  { code: `${STATEMENT}.SyntaxError`, file: 'UNWIND [1] AS x RETURN x.name;', hint: 'convert it', at: '1:24' },
  { code: `${STATEMENT}.SyntaxError`, file: "RETURN date('soon');", hint: "write it as date('2026-01-31')" },
  { code: `${STATEMENT}.TypeError`, file: 'CREATE (:A {map: {a: 1}});', hint: 'store a map as JSON text' },
  { code: `${STATEMENT}.TypeError`, file: 'RETURN toInteger([1]);', hint: 'leave out the nodes' },
  { code: `${STATEMENT}.ArithmeticError`, file: 'RETURN 1 / 0;', hint: 'guard it' },
  { code: `${STATEMENT}.ParameterMissing`, file: 'RETURN $name;', hint: 'write the value itself' },
  { code: `${STATEMENT}.ArgumentError`, file: 'CYPHER 99 RETURN 1;', hint: 'upgrade the server' },
  { code: `${STATEMENT}.ArgumentError`, file: 'RETURN range(1, 2, 0);', hint: 'the message says what it takes' },
  { code: `${STATEMENT}.SemanticError`, file: 'MERGE (:A {key: null});', hint: 'leave such rows out' },
  { code: `${STATEMENT}.SemanticError`, file: "RETURN 'a' =~ '(';", hint: 'the message says what is wrong' },
  {
    code: `${STATEMENT}.EntityNotFound`,
    file: 'CREATE (n:A {key: 1}) DELETE n RETURN n.key;',
    hint: 'read what is needed',
  },
  {
    code: `${STATEMENT}.ExternalResourceFailed`,
    file: "LOAD CSV FROM 'file:///nope.csv' AS line RETURN line;",
    hint: 'reachable by http(s) from the server',
  },
  {
    code: 'Neo.ClientError.Schema.ConstraintValidationFailed',
    file: 'CREATE (:Keyed {key: 1});',
    hint: 'MERGE by the key',
  },
  {
    code: 'Neo.ClientError.Schema.ConstraintValidationFailed',
    file: 'MATCH (n:Linked {n: 1}) DELETE n;',
    hint: 'write DETACH DELETE',
    at: '',
  },
  {
    code: 'Neo.DatabaseError.Schema.ConstraintCreationFailed',
    file: 'CREATE CONSTRAINT d IF NOT EXISTS FOR (d:Double) REQUIRE d.key IS UNIQUE;',
    hint: 'mend the nodes that the message names',
  },
  {
    code: 'Neo.DatabaseError.Schema.ConstraintCreationFailed',
    file: 'CREATE CONSTRAINT e IF NOT EXISTS FOR (d:Double) REQUIRE d.key IS NOT NULL;',
    hint: 'use a uniqueness constraint',
  },
  {
    code: 'Neo.ClientError.Schema.IndexAlreadyExists',
    file: 'CREATE CONSTRAINT i IF NOT EXISTS FOR (i:Indexed) REQUIRE i.text IS UNIQUE;',
    hint: 'drop the index that stands on the same label',
  },
  {
    code: 'Neo.ClientError.Schema.IndexWithNameAlreadyExists',
    file: 'CREATE CONSTRAINT indexed IF NOT EXISTS FOR (o:Other) REQUIRE o.text IS UNIQUE;',
    hint: 'name the constraint otherwise',
  },
  { code: 'Neo.DatabaseError.Schema.IndexDropFailed', file: 'DROP INDEX keyed IF EXISTS;', hint: 'DROP CONSTRAINT' },
  { code: 'Neo.ClientError.Schema.IndexNotFound', file: "CALL db.awaitIndex('nope');", hint: 'correct the name' },
  {
    code: 'Neo.ClientError.Procedure.ProcedureNotFound',
    file: 'CALL apoc.nope();',
    hint: 'install the plugin on the server, or write it',
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureNotFound',
    file: "CALL db.index.fulltext.createNodeIndex('f', ['A'], ['t']);",
    hint: 'CREATE FULLTEXT INDEX',
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureCallFailed',
    file: "CALL db.index.vector.createNodeIndex('v', 'A', 'e', 3, 'cosine');",
    hint: 'write the command instead of the procedure: CREATE VECTOR INDEX',
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureCallFailed',
    file: "CALL db.index.fulltext.queryNodes('nope', 'x') YIELD node RETURN node;",
    hint: 'what stands behind `Caused by` says why',
  },
  {
    code: 'Neo.DatabaseError.Statement.ExecutionFailed',
    file: "CREATE (:Indexed {text: reduce(s = '', i IN range(1, 9000) | s + 'abcd')});",
    hint: 'use a full-text one',
  },
  {
    code: 'Neo.DatabaseError.Statement.ExecutionFailed',
    file: 'MATCH (a:Linked) WITH a, a AS b MATCH p = shortestPath((a)-[*]-(b)) RETURN p;',
    hint: "the server's debug.log does",
  },
  {
    code: 'Neo.DatabaseError.Statement.ExecutionFailed',
    file: 'CREATE VECTOR INDEX v IF NOT EXISTS FOR (a:A) ON a.e OPTIONS {indexConfig: {`vector.dimensions`: 9999, `vector.similarity_function`: "cosine"}};',
    hint: 'cosine or euclidean',
  },
  {
    code: 'Neo.ClientError.General.InvalidArguments',
    file: "CREATE TEXT INDEX t IF NOT EXISTS FOR (a:A) ON (a.t) OPTIONS {indexProvider: 'nope'};",
    hint: 'the message lists those that it takes',
  },
  {
    code: 'Neo.ClientError.Transaction.TransactionTimedOut',
    file: '// migrate: statement-timeout=50ms\nUNWIND range(1, 100000000) AS a UNWIND range(1, 100000000) AS b WITH a WHERE a < 0 RETURN count(a);',
    hint: 'raise STATEMENT_TIMEOUT',
    at: '2:1',
  },
  {
    code: 'Neo.TransientError.General.MemoryPoolOutOfMemoryError',
    file: 'UNWIND range(1, 100000000) AS a RETURN collect(toString(a));',
    hint: 'batch it with CALL { … } IN TRANSACTIONS',
  },
];

/** Sent as they are: `validate` refuses such files, or they come from other tools. Several statements are one transaction. */
interface Sent extends Pick<Row, 'code' | 'hint'> {
  readonly statements: readonly string[];
}

export const SENT: readonly Sent[] = [
  { code: `${STATEMENT}.UnsupportedAdministrationCommand`, statements: ['CREATE ROLE r'], hint: 'take it out' },
  {
    code: 'Neo.ClientError.Schema.ConstraintAlreadyExists',
    statements: ['CREATE INDEX keyed2 FOR (k:Keyed) ON (k.key)'],
    hint: 'drop that one first',
  },
  {
    code: 'Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists',
    statements: ['CREATE INDEX indexed FOR (i:Indexed) ON (i.text)'],
    hint: 'write IF NOT EXISTS',
  },
  { code: 'Neo.DatabaseError.Schema.IndexDropFailed', statements: ['DROP INDEX nope'], hint: 'write IF EXISTS' },
  {
    code: 'Neo.DatabaseError.Schema.ConstraintDropFailed',
    statements: ['DROP CONSTRAINT nope'],
    hint: 'write IF EXISTS',
  },
  {
    code: 'Neo.ClientError.Transaction.ForbiddenDueToTransactionType',
    statements: ['CREATE (:A)', 'CREATE INDEX a IF NOT EXISTS FOR (a:A) ON (a.a)'],
    hint: '`// migrate: auto-commit`',
  },
  {
    code: 'Neo.ClientError.Transaction.ForbiddenDueToTransactionType',
    statements: ['CREATE (:A)', 'CREATE ROLE r'],
    hint: 'send it with cypher-shell as an administrator',
  },
  {
    code: 'Neo.DatabaseError.Transaction.TransactionStartFailed',
    statements: ['UNWIND [1] AS x CALL (x) { CREATE (:A) } IN TRANSACTIONS'],
    hint: '`// migrate: auto-commit`',
  },
  {
    code: 'Neo.ClientError.Database.DatabaseNotFound',
    statements: ['USE nope RETURN 1'],
    hint: 'the message says why',
  },
];
