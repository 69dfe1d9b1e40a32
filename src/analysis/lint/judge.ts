import type { RangeVar } from 'libpg-query';
import type { Migration } from '../../core/migration.ts';
import { syntax } from './built-in.ts';
import { applyChange, type CypherStatement, cypherScript, type GraphObject } from './cypher/statement.ts';
import type { Match, Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { tableName } from './sql/ast.ts';
import { SqlSchema } from './sql/schema.ts';
import { isData, type SqlScript, type SqlStatement, sqlScript } from './sql/statement.ts';

/** A file, read as its database would read it. */
export interface Script {
  readonly file: Migration;
  readonly sql: SqlScript | undefined;
  readonly cypher: readonly CypherStatement[] | undefined;
}

export async function readScripts(files: readonly Migration[]): Promise<readonly Script[]> {
  const scripts: Script[] = [];
  for (const file of files)
    scripts.push(
      file.database === 'postgres'
        ? { file, sql: await sqlScript(file), cypher: undefined }
        : { file, sql: undefined, cypher: cypherScript(file) },
    );
  return scripts;
}

/** Which files are taken together with a file, as a name for all of them; undefined for one that is not judged. */
export type SetOf = (file: string) => string | undefined;

export interface Judgement extends Match {
  readonly rule: Rule;
  readonly file: string;
}

/** What the rules find, exceptions or not. All files are gone through in order, for what each finds made by those before it. */
export function judge(scripts: readonly Script[], setOf: SetOf): readonly Judgement[] {
  const judgements: Judgement[] = [];
  const schema = new SqlSchema();
  const graph = new Map<string, GraphObject>();
  for (const { file, sql, cypher } of scripts) {
    const own = setOf(file.name);
    const isJudged = own !== undefined;
    const wasMadeBefore = ({ madeBy }: { readonly madeBy: string }) => setOf(madeBy) !== own;
    const add = (rule: Rule, matches: Iterable<Match>) => {
      for (const match of matches) judgements.push({ rule, file: file.name, ...match });
    };
    if (isJudged) {
      for (const rule of RULES) if (rule.of === 'file') add(rule, rule.check(file));
      add(syntax, sql?.faults ?? []);
    }
    const isOld = (table: RangeVar | string) => {
      if (typeof table !== 'string' && table.relpersistence === 't') return false;
      const made = schema.tables.get(typeof table === 'string' ? table : tableName(table));
      return made === undefined || wasMadeBefore(made);
    };
    const inTransaction = !file.directives.noTransaction;
    const earlier: SqlStatement[] = [];
    for (const statement of sql?.statements ?? []) {
      const setting = { schema, earlier, inTransaction, isOld, wasMadeBefore };
      if (isJudged) for (const rule of RULES) if (rule.of === 'sql') add(rule, rule.check(statement, setting));
      schema.apply(statement);
      if (!isData(statement)) earlier.push(statement);
    }
    for (const statement of cypher ?? []) {
      if (isJudged)
        for (const rule of RULES)
          if (rule.of === 'cypher') add(rule, rule.check(statement, { schema: graph, wasMadeBefore }));
      applyChange(graph, statement);
    }
  }
  for (const rule of RULES)
    if (rule.of === 'schema')
      for (const match of rule.check(schema)) if (setOf(match.file) !== undefined) judgements.push({ rule, ...match });
  return judgements;
}
