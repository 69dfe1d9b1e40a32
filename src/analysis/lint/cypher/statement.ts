import { type CypherKind, cypherKind, unprefixed } from '../../../core/cypher.ts';
import { parseSchema, type SchemaChange } from '../../../core/cypher-schema.ts';
import type { Token } from '../../../core/lexer.ts';
import type { Migration } from '../../../core/migration.ts';
import { type Clause, clausesOf } from './clauses.ts';
import type { GraphObject, GraphSchema } from './schema.ts';

export interface CypherStatement {
  readonly file: Migration;
  readonly kind: CypherKind;
  /** Where it begins in the file's text, as the tokens' places are. */
  readonly start: number;
  readonly tokens: readonly Token[];
  readonly clauses: readonly Clause[];
  /** What it asks of the schema; undefined for data. */
  readonly change: SchemaChange | undefined;
}

export interface CypherSetting {
  /** As it is right before the statement. */
  readonly schema: GraphSchema;
  /** Those of the statements after it in its file that are about constraints of this label. */
  readonly laterConstraints: (label: string) => readonly CypherStatement[];
  /** Whether something stood before the files that are taken together with this one. */
  readonly wasMadeBefore: (made: GraphObject) => boolean;
}

export function cypherScript(file: Migration): readonly CypherStatement[] {
  return file.steps
    .flatMap(({ statements }) => statements)
    .map((span) => {
      const { tokens } = unprefixed(file.text, span);
      const kind = cypherKind(file.text, span);
      const change = kind === 'schema' ? parseSchema(file.text.slice(span.start, span.end)) : undefined;
      return { file, kind, start: span.start, tokens, clauses: clausesOf(tokens), change };
    });
}

/** Whether an index or a constraint is over exactly these properties of this label or type. */
export function covers(
  { labels = [], properties = [] }: SchemaChange,
  label: string,
  wanted: readonly string[],
): boolean {
  return (
    labels.includes(label) &&
    properties.length === wanted.length &&
    properties.every((property) => wanted.includes(property))
  );
}
