import type { RangeVar } from 'libpg-query';
import type { Migration } from '../../core/migration.ts';
import { syntax } from './built-in.ts';
import { GraphSchema } from './cypher/schema.ts';
import { type CypherStatement, cypherScript } from './cypher/statement.ts';
import type { Match, Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { tableName } from './sql/ast.ts';
import { EarlierStatements } from './sql/earlier.ts';
import { type Made, SqlSchema } from './sql/schema.ts';
import { type SqlStatement, sqlStatements } from './sql/statement.ts';

/** Which files are taken together with a file, as a name for all of them; undefined for one that is not judged. */
export type SetOf = (file: string) => string | undefined;

export interface Judgement extends Match {
  readonly rule: Rule;
  readonly file: string;
}

/**
 * What the rules find, exceptions or not, under each of several ways to take files together. All files are gone through in order,
 * for what each finds made by those before it; each statement is read once and then let go.
 */
export async function judge(
  files: readonly Migration[],
  setsOf: readonly SetOf[],
): Promise<readonly (readonly Judgement[])[]> {
  const judges = setsOf.map((setOf) => new Judge(setOf));
  for (const file of files) {
    for (const each of judges) each.begin(file);
    if (file.database === 'postgres') {
      for await (const read of sqlStatements(file))
        for (const each of judges)
          if ('node' in read) each.sql(read);
          else each.found([{ rule: syntax, ...read }]);
    } else {
      const statements = cypherScript(file);
      for (const each of judges) each.cypher(statements);
    }
  }
  return judges.map((each) => each.judgements());
}

const FILE = RULES.filter((rule) => rule.of === 'file');
const SCHEMA = RULES.filter((rule) => rule.of === 'schema');
const SQL = RULES.filter((rule) => rule.of === 'sql');
const CYPHER = RULES.filter((rule) => rule.of === 'cypher');

/** Goes through the files under one way to take them together. */
class Judge {
  readonly #setOf: SetOf;
  readonly #schema = new SqlSchema();
  readonly #graph = new GraphSchema();
  readonly #judgements: Judgement[] = [];
  #file = '';
  /** The set that the file is in. A file that is in none is gone through all the same, for what it makes. */
  #own: string | undefined;
  #earlier = new EarlierStatements();

  constructor(setOf: SetOf) {
    this.#setOf = setOf;
  }

  begin(file: Migration): void {
    this.#file = file.name;
    this.#own = this.#setOf(file.name);
    this.#earlier = new EarlierStatements();
    for (const rule of FILE) this.found(matches(rule, rule.check(file)));
  }

  found(found: Iterable<Omit<Judgement, 'file'>>): void {
    if (this.#own === undefined) return;
    for (const each of found) this.#judgements.push({ file: this.#file, ...each });
  }

  /** Takes up the next statement of the file. */
  sql(statement: SqlStatement): void {
    const earlier = this.#earlier;
    const inTransaction = !statement.file.directives.noTransaction;
    const isOld = (table: RangeVar | string) => this.#isOld(table);
    // Without a transaction others insert between two statements.
    const holdsRows = (table: RangeVar | string) => isOld(table) && !(inTransaction && earlier.emptied.has(table));
    const setting = {
      schema: this.#schema,
      earlier,
      inTransaction,
      isOld,
      holdsRows,
      wasMadeBefore: (made: Made) => this.#wasMadeBefore(made),
    };
    for (const rule of SQL) this.found(matches(rule, rule.check(statement, setting)));
    earlier.apply(statement.node, isOld);
    this.#schema.apply(statement);
  }

  /** Takes up the statements of the file. */
  cypher(statements: readonly CypherStatement[]): void {
    const constraints = Map.groupBy(
      statements.filter(({ change }) => change?.kind === 'constraint'),
      ({ change }) => change?.labels?.[0] ?? '',
    );
    for (const statement of statements) {
      const setting = {
        schema: this.#graph,
        laterConstraints: (label: string) =>
          (constraints.get(label) ?? []).filter(({ start }) => start > statement.start),
        wasMadeBefore: (made: Made) => this.#wasMadeBefore(made),
      };
      for (const rule of CYPHER) this.found(matches(rule, rule.check(statement, setting)));
      this.#graph.apply(statement);
    }
  }

  judgements(): readonly Judgement[] {
    const ofSchema = SCHEMA.flatMap((rule) => [...rule.check(this.#schema)].map((match) => ({ rule, ...match })));
    return [...this.#judgements, ...ofSchema.filter(({ file }) => this.#setOf(file) !== undefined)];
  }

  #isOld(table: RangeVar | string): boolean {
    if (typeof table !== 'string' && table.relpersistence === 't') return false;
    const made = this.#schema.tables.get(typeof table === 'string' ? table : tableName(table));
    return made === undefined || this.#wasMadeBefore(made);
  }

  #wasMadeBefore({ madeBy }: Made): boolean {
    return this.#setOf(madeBy) !== this.#own;
  }
}

function* matches(rule: Rule, found: Iterable<Match>): Generator<Omit<Judgement, 'file'>> {
  for (const match of found) yield { rule, ...match };
}
