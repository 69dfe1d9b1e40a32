import type { Remedy } from '../../remedy.ts';

const SCHEMA_COMMAND =
  'write the command instead of the procedure: CREATE VECTOR INDEX, CREATE FULLTEXT INDEX or CREATE INDEX, with a name and IF NOT EXISTS';

/** What is wrong with a statement itself, with its values, and with what it calls. */
export const STATEMENTS: readonly Remedy[] = [
  {
    code: 'Neo.ClientError.Statement.SyntaxError',
    when: /^Unknown function/,
    means: 'this server has no function of this name: it is misspelt, or its plugin (APOC, GDS) is not installed',
    hint: 'correct the name, install the plugin on the server, or write it in plain Cypher',
  },
  {
    code: 'Neo.ClientError.Statement.SyntaxError',
    when: /^Variable .* not defined/,
    means: 'nothing of this name is bound at this place',
    hint: 'correct the name, or hand it on: through WITH, or into CALL (x) { … }',
  },
  {
    code: 'Neo.ClientError.Statement.SyntaxError',
    when: /^Variable .* already declared/,
    means: 'the name is bound already, and would be bound a second time',
    hint: 'take another name, or MATCH … WHERE to narrow down what the name has',
  },
  {
    code: 'Neo.ClientError.Statement.SyntaxError',
    when: /^Type mismatch/,
    means: 'a value is of another type than it can be in this place',
    hint: 'convert it: toInteger(), toString(), date(), …',
  },
  {
    code: 'Neo.ClientError.Statement.SyntaxError',
    when: /^Text cannot be parsed/,
    means: 'a text is no date, time or duration',
    hint: "write it as date('2026-01-31'), datetime('2026-01-31T12:00:00Z'), duration('P1D')",
  },
  {
    code: 'Neo.ClientError.Statement.SyntaxError',
    means: 'the server does not understand the statement from the caret on; it has not run',
    hint: 'correct the word at the caret, or the one before it; Cypher of a newer server may be what this one does not know',
  },
  {
    code: 'Neo.ClientError.Statement.TypeError',
    when: /[Pp]roperty values can only|as singleton or array properties|Collections containing null/,
    means: 'a property holds one value, or a list of values of one type without null: no map, no list of lists',
    hint: 'store a map as JSON text, or spread it over properties or nodes of its own; filter null out of a list',
  },
  {
    code: 'Neo.ClientError.Statement.TypeError',
    means: 'a value is of another type than the function or the operator takes',
    hint: 'convert it (toInteger(), toString(), …), or leave out the nodes on which it is something else',
  },
  {
    code: 'Neo.ClientError.Statement.ArithmeticError',
    means: 'something is divided by zero, or a number grows beyond 64 bits',
    hint: 'guard it: CASE WHEN n = 0 THEN null ELSE 1.0 / n END; toFloat(n) for large numbers',
  },
  {
    code: 'Neo.ClientError.Statement.ParameterMissing',
    means: 'the text has a parameter ($name), and migrations have none',
    hint: 'write the value itself, or give it a name: WITH 1 AS name …',
  },
  {
    code: 'Neo.ClientError.Statement.ArgumentError',
    when: /cypher version/,
    means: 'this server does not know the version of the language that the statement asks for',
    hint: 'take CYPHER 25 out (Neo4j 5 knows 5 only), or upgrade the server',
  },
  {
    code: 'Neo.ClientError.Statement.ArgumentError',
    means: 'a function does not take this value',
    hint: 'correct it: the message says what it takes',
  },
  {
    code: 'Neo.ClientError.Statement.SemanticError',
    when: /null property value/,
    means: 'MERGE looks for a node by a property, and a row has null there',
    hint: 'leave such rows out (WHERE row.key IS NOT NULL), or MERGE by another key and SET the rest',
  },
  {
    code: 'Neo.ClientError.Statement.SemanticError',
    means: 'the statement is Cypher, and says something that cannot be',
    hint: 'correct it: the message says what is wrong',
  },
  {
    code: 'Neo.ClientError.Statement.EntityNotFound',
    means: 'the statement uses a node or a relationship that it has deleted',
    hint: 'read what is needed before DELETE: WITH n, n.key AS key DELETE n RETURN key',
  },
  {
    code: 'Neo.ClientError.Statement.ExternalResourceFailed',
    means:
      'the server cannot read the file or the address of LOAD CSV: it looks on its own machine, in its import directory',
    hint: 'put the file there, or make it reachable by http(s) from the server; small data go into the migration itself (UNWIND [...] AS row)',
  },
  {
    code: 'Neo.ClientError.Statement.UnsupportedAdministrationCommand',
    means: 'databases, roles and rights are administered in the Enterprise Edition only',
    hint: 'take it out: they are no part of the schema; Community has one database and no roles',
  },
  {
    code: 'Neo.ClientError.Statement.AccessMode',
    means: 'the session was opened for reading',
    hint: 'connect to the leader: neo4j:// instead of bolt:// on a cluster',
  },
  {
    code: 'Neo.ClientError.Statement',
    means: 'the server refuses the statement as it is written',
    hint: 'correct it: the message says what is wrong',
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureNotFound',
    when: /`db\.(?:index\.(?:vector|fulltext)\.(?:create|drop)|create(?:Index|UniqueProperty|NodeKey))/,
    means: 'this server has no procedures for indexes and constraints, but commands',
    hint: SCHEMA_COMMAND,
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureNotFound',
    means: 'this server has no procedure of this name: it is misspelt, or its plugin (APOC, GDS) is not installed',
    hint: 'correct the name, install the plugin on the server, or write it in plain Cypher',
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureCallFailed',
    when: /Cannot perform schema updates/,
    means:
      'the procedure changes the schema, which cannot share a transaction with data, and data statements share theirs with the history',
    hint: SCHEMA_COMMAND,
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureCallFailed',
    means: 'a procedure of the server or of a plugin ended with an error of its own',
    hint: 'what stands behind `Caused by` says why',
  },
  {
    code: 'Neo.ClientError.Procedure',
    means: 'a procedure cannot be called like this',
    hint: 'compare with SHOW PROCEDURES: its arguments, and whether it may be called at all',
  },
  {
    code: 'Neo.DatabaseError.Statement.ExecutionFailed',
    when: /vector\./,
    means: 'a vector index cannot be made with these options',
    hint: 'dimensions from 1 to 4096, cosine or euclidean; the dimensions are those of the embedding model',
  },
  {
    code: 'Neo.DatabaseError.Statement.ExecutionFailed',
    when: /too large to index/,
    means: 'a text is longer than a range index takes (about 8 kB)',
    hint: 'index a shorter property or a digest of it, or drop that index and use a full-text one',
  },
  {
    code: 'Neo.DatabaseError.Statement.ExecutionFailed',
    means: 'the server has begun the statement and could not end it',
    hint: "the message says why; if not, the server's debug.log does",
  },
  {
    code: 'Neo.ClientError.General.InvalidArguments',
    means: 'an option or an argument of a command is not one that it takes',
    hint: 'correct it: the message lists those that it takes',
  },
];
