import { syntax, unknownRule, unusedAllow } from './built-in.ts';
import * as graphData from './cypher/rules/data.ts';
import * as history from './cypher/rules/history.ts';
import * as procedures from './cypher/rules/procedures.ts';
import * as removed from './cypher/rules/removed.ts';
import * as graphSchema from './cypher/rules/schema.ts';
import * as files from './files.ts';
import type { Rule } from './rule.ts';
import * as constraints from './sql/rules/constraints.ts';
import * as data from './sql/rules/data.ts';
import * as extensions from './sql/rules/extensions.ts';
import * as foreignKeys from './sql/rules/foreign-key-index.ts';
import * as inUse from './sql/rules/in-use.ts';
import * as indexes from './sql/rules/indexes.ts';
import * as lockTimeout from './sql/rules/lock-timeout.ts';
import * as notNull from './sql/rules/not-null.ts';
import * as rewrites from './sql/rules/rewrites.ts';
import * as transactions from './sql/rules/transactions.ts';
import * as types from './sql/rules/types.ts';
import * as vectors from './sql/rules/vectors.ts';

/** A module of rules exports nothing else. */
const families: readonly Readonly<Record<string, Rule>>[] = [
  { syntax, unknownRule, unusedAllow },
  files,
  indexes,
  vectors,
  constraints,
  notNull,
  rewrites,
  inUse,
  data,
  transactions,
  lockTimeout,
  types,
  extensions,
  foreignKeys,
  graphSchema,
  graphData,
  history,
  procedures,
  removed,
];

/** Every rule, by its name; docs/lint.md is made from it. */
export const RULES: readonly Rule[] = families
  .flatMap((family) => Object.values(family))
  .sort((a, b) => (a.id < b.id ? -1 : 1));
