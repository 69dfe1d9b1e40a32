import type { Remedy } from '../../remedy.ts';

const AUTO_COMMIT =
  'CALL { … } IN TRANSACTIONS needs `// migrate: auto-commit` at the head of the file, and other statements a file of their own';

/** Schema, transactions, rights, and the state of the server. */
export const GRAPH: readonly Remedy[] = [
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
