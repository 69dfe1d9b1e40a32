import type { RangeVar } from 'libpg-query';
import type { Migration } from '../../core/migration.ts';
import { syntax } from './built-in.ts';
import { applyChange, type CypherStatement, cypherScript, type GraphObject } from './cypher/statement.ts';
import type { Match, Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { tableName } from './sql/ast.ts';
import { EmptiedTables } from './sql/emptied.ts';
import { type Made, SqlSchema } from './sql/schema.ts';
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
    const wasMadeBefore = ({ madeBy }: Made) => setOf(madeBy) !== own;
    const found =
      sql === undefined
        ? cypherMatches(cypher ?? [], graph, wasMadeBefore)
        : [...sql.faults.map((fault) => ({ rule: syntax, ...fault })), ...sqlMatches(sql, schema, wasMadeBefore)];
    // Gone through all the same, for what the file makes.
    if (own === undefined) continue;
    const ofFile = FILE.flatMap((rule) => [...rule.check(file)].map((match) => ({ rule, ...match })));
    judgements.push(...[...ofFile, ...found].map((each) => ({ file: file.name, ...each })));
  }
  const ofSchema = SCHEMA.flatMap((rule) => [...rule.check(schema)].map((match) => ({ rule, ...match })));
  return [...judgements, ...ofSchema.filter(({ file }) => setOf(file) !== undefined)];
}

const FILE = RULES.filter((rule) => rule.of === 'file');
const SCHEMA = RULES.filter((rule) => rule.of === 'schema');
const SQL = RULES.filter((rule) => rule.of === 'sql');
const CYPHER = RULES.filter((rule) => rule.of === 'cypher');

type Found = Omit<Judgement, 'file'>;

/** What is found in a file's statements, one by one; the schema takes up each of them after that. */
function sqlMatches({ statements }: SqlScript, schema: SqlSchema, wasMadeBefore: (made: Made) => boolean): Found[] {
  const isOld = (table: RangeVar | string) => {
    if (typeof table !== 'string' && table.relpersistence === 't') return false;
    const made = schema.tables.get(typeof table === 'string' ? table : tableName(table));
    return made === undefined || wasMadeBefore(made);
  };
  const earlier: SqlStatement[] = [];
  const emptied = new EmptiedTables();
  const found: Found[] = [];
  for (const statement of statements) {
    const inTransaction = !statement.file.directives.noTransaction;
    // Without a transaction others insert between two statements.
    const holdsRows = (table: RangeVar | string) => isOld(table) && !(inTransaction && emptied.has(table));
    const setting = { schema, earlier, inTransaction, isOld, holdsRows, wasMadeBefore };
    for (const rule of SQL) for (const match of rule.check(statement, setting)) found.push({ rule, ...match });
    schema.apply(statement);
    emptied.apply(statement.node);
    if (!isData(statement)) earlier.push(statement);
  }
  return found;
}

/** The same for Cypher. */
function cypherMatches(
  statements: readonly CypherStatement[],
  schema: Map<string, GraphObject>,
  wasMadeBefore: (made: Made) => boolean,
): Found[] {
  const found: Found[] = [];
  for (const [index, statement] of statements.entries()) {
    const setting = { schema, later: () => statements.slice(index + 1), wasMadeBefore };
    for (const rule of CYPHER) for (const match of rule.check(statement, setting)) found.push({ rule, ...match });
    applyChange(schema, statement);
  }
  return found;
}
