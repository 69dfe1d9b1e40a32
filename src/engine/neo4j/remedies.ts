import type { Remedy } from '../remedy.ts';

const AUTO_COMMIT =
  'CALL { … } IN TRANSACTIONS needs `// migrate: auto-commit` at the head of the file, and other statements a file of their own';

/** For an error of a statement. Read only once there is one. */
export const REMEDIES: readonly Remedy[] = [
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
    code: 'Neo.ClientError.Schema.ConstraintValidationFailed',
    when: /still has relationships/,
    means: 'a node is deleted that relationships still hold on to',
    hint: 'write DETACH DELETE, or delete the relationships first',
  },
  {
    code: 'Neo.ClientError.Schema.ConstraintValidationFailed',
    means: 'a node with this key is there already',
    hint: 'MERGE by the key instead of CREATE, and SET the other properties',
  },
  {
    code: 'Neo.DatabaseError.Schema.ConstraintCreationFailed',
    when: /requires Neo4j Enterprise Edition/,
    means: 'the edition lacks it: existence, key and type constraints are of the Enterprise Edition',
    hint: 'use a uniqueness constraint, and let the application see to the rest, or run the Enterprise Edition',
  },
  {
    code: 'Neo.DatabaseError.Schema.ConstraintCreationFailed',
    means: 'nodes that are there already break the constraint: the message names the first two',
    hint: 'data stands in the way of the constraint (duplicates?): mend the nodes that the message names, or merge them in an earlier file',
  },
  {
    code: 'Neo.ClientError.Schema.IndexAlreadyExists',
    means: 'an index stands on the label and the property that the constraint wants; the constraint brings its own',
    hint: 'drop the index that stands on the same label and property first: DROP INDEX … IF EXISTS, in a file before this one',
  },
  {
    code: 'Neo.ClientError.Schema.IndexWithNameAlreadyExists',
    means: 'the name is taken by an index',
    hint: 'an index has the name of this constraint: drop it first (DROP INDEX … IF EXISTS), or name the constraint otherwise',
  },
  {
    code: 'Neo.ClientError.Schema.ConstraintAlreadyExists',
    means: 'a constraint stands on the same label and property already, under another name; it brings an index',
    hint: 'drop that one first (DROP CONSTRAINT … IF EXISTS), or take this statement out',
  },
  {
    code: 'Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists',
    means: 'exactly this index or constraint is there already',
    hint: 'write IF NOT EXISTS',
  },
  {
    code: 'Neo.DatabaseError.Schema.IndexDropFailed',
    when: /belongs to constraint/,
    means: 'the index is part of a constraint and goes with it',
    hint: 'DROP CONSTRAINT … IF EXISTS instead',
  },
  {
    code: 'Neo.DatabaseError.Schema.IndexDropFailed',
    means: 'there is no such index',
    hint: 'write IF EXISTS',
  },
  {
    code: 'Neo.DatabaseError.Schema.ConstraintDropFailed',
    means: 'there is no such constraint',
    hint: 'write IF EXISTS',
  },
  {
    code: 'Neo.ClientError.Schema.IndexNotFound',
    means: 'a procedure looks for an index that is not there',
    hint: 'correct the name (db.awaitIndex takes it without backticks), or create the index in an earlier file',
  },
  {
    code: 'Neo.ClientError.Schema',
    means: 'the schema of the graph does not allow it',
    hint: 'compare with SHOW INDEXES and SHOW CONSTRAINTS',
  },
  {
    code: 'Neo.ClientError.Procedure.ProcedureNotFound',
    means: 'this server has no procedure of this name: it is misspelt, or its plugin (APOC, GDS) is not installed',
    hint: 'correct the name, install the plugin on the server (image: NEO4J_PLUGINS), or write it in plain Cypher',
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
  {
    code: 'Neo.ClientError.Transaction.ForbiddenDueToTransactionType',
    when: /Administration command/,
    means: 'users, roles, rights and databases are no part of the schema, and cannot share its transaction',
    hint: 'take it out, and send it with cypher-shell as an administrator',
  },
  {
    code: 'Neo.ClientError.Transaction.ForbiddenDueToTransactionType',
    means: 'schema commands, administration and data cannot share a transaction',
    hint: AUTO_COMMIT,
  },
  {
    code: 'Neo.DatabaseError.Transaction.TransactionStartFailed',
    means: 'the statement opens transactions of its own, and was sent inside of one',
    hint: AUTO_COMMIT,
  },
  {
    code: 'Neo.ClientError.Transaction.TransactionTimedOut',
    means: 'the transaction took longer than STATEMENT_TIMEOUT, or than db.transaction.timeout of the server, allows',
    hint: 'raise STATEMENT_TIMEOUT (0 means none) or that setting, or break the work into batches',
  },
  {
    code: 'Neo.ClientError.Transaction.Terminated',
    means: 'somebody has ended the transaction (TERMINATE TRANSACTIONS); it was rolled back',
    hint: 'ask who ends long transactions on this server, then run migrate again',
  },
  {
    code: 'Neo.ClientError.Transaction',
    means: 'the server did not let the transaction go on; it was rolled back',
    hint: 'run migrate again; where it comes back, break the work into batches',
  },
  {
    code: 'Neo.TransientError.General.MemoryPoolOutOfMemoryError',
    means: 'the transaction needs more memory than the server gives one; called transient, it comes again every time',
    hint: 'the transaction is too large for the server: batch it with CALL { … } IN TRANSACTIONS in a file with `// migrate: auto-commit` and, if a second run does no harm, `// migrate: replayable`',
  },
  {
    code: 'Neo.TransientError.Transaction.DeadlockDetected',
    means: 'the file and another transaction have waited for each other; the server has rolled this one back',
    hint: 'run migrate again; where it comes back, touch nodes in the order in which the application does, or stop its writers meanwhile',
  },
  {
    code: 'Neo.TransientError',
    means: 'the server could not do it at this moment; nothing of the transaction has stayed',
    hint: 'run migrate again',
  },
  {
    code: 'Neo.ClientError.Security',
    means: 'the user that migrates lacks a right',
    hint: 'grant this user the right that the message names',
  },
  {
    code: 'Neo.DatabaseError',
    means: 'an error inside of the database server',
    hint: "look at the server's debug.log",
  },
  {
    code: 'Neo.ClientError',
    means: 'the server refuses it',
    hint: 'the message says why',
  },
];
