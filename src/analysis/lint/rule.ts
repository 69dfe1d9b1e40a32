import type { Migration } from '../../core/migration.ts';
import type { CypherSetting, CypherStatement } from './cypher/statement.ts';
import type { Level } from './finding.ts';
import type { SqlSchema } from './sql/schema.ts';
import type { SqlSetting, SqlStatement } from './sql/statement.ts';

/** A file that shows a rule, and what was applied before it. The documentation prints it and a test runs it. */
export interface Example {
  /** Texts of earlier files, which are applied. */
  readonly before?: readonly string[];
  readonly text: string;
}

interface Described {
  /** Small letters, digits and hyphens: what the directive `allow` calls it. */
  readonly id: string;
  readonly level: Level;
  /** What goes wrong, and why. */
  readonly why: string;
  /** The safe way. */
  readonly remedy: string;
  readonly bad: Example;
  readonly good: Example;
}

/** What a check finds: where in the file's text, in UTF-16 units, and what. */
export interface Match {
  readonly offset: number;
  readonly message: string;
}

export interface SqlRule extends Described {
  readonly of: 'sql';
  /** Asked for each statement, in order. */
  check(statement: SqlStatement, setting: SqlSetting): Iterable<Match>;
}

export interface CypherRule extends Described {
  readonly of: 'cypher';
  /** Asked for each statement, in order. */
  check(statement: CypherStatement, setting: CypherSetting): Iterable<Match>;
}

export interface FileRule extends Described {
  /** Which language its examples are in; the rule is for both. */
  readonly of: 'file';
  readonly language: 'sql' | 'cypher';
  check(file: Migration): Iterable<Match>;
}

export interface SchemaRule extends Described {
  readonly of: 'schema';
  /** Asked once, for what all files together make; `file` is the name of the one that the match is in. */
  check(schema: SqlSchema): Iterable<Match & { readonly file: string }>;
}

/** Found by the machinery around the rules, not by a check of its own; here for its words. */
export interface BuiltInRule extends Described {
  readonly of: 'lint';
}

export type Rule = SqlRule | CypherRule | FileRule | SchemaRule | BuiltInRule;
