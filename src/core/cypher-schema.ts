import { cypherName, keyword, unprefixed } from './cypher.ts';
import type { Token } from './lexer.ts';

/**
 * What a schema statement asks for, to be compared with SHOW INDEXES and SHOW CONSTRAINTS. `labels` and `properties` are
 * undefined where the statement's shape is not known; both are empty for a LOOKUP index, where SHOW INDEXES says null.
 */
export interface SchemaChange {
  readonly action: 'create' | 'drop';
  readonly kind: 'index' | 'constraint';
  readonly name: string;
  /**
   * An index's type as SHOW INDEXES has it. For a constraint UNIQUENESS, KEY, PROPERTY_EXISTENCE or PROPERTY_TYPE, with which
   * the type in SHOW CONSTRAINTS ends (UNIQUENESS and NODE_PROPERTY_UNIQUENESS are one, by the language of the server).
   */
  readonly type?: string;
  readonly entity?: 'NODE' | 'RELATIONSHIP';
  /** Labels, or relationship types, in the statement's order. */
  readonly labels?: readonly string[];
  readonly properties?: readonly string[];
  /** The settings of OPTIONS {indexConfig: {…}} whose values are literals, by name; `unknown` where the options cannot be read. */
  readonly settings?: ReadonlyMap<string, Setting> | 'unknown';
}

export type Setting = string | number | boolean;

/** Undefined for what is no named schema statement. */
export function parseSchema(statement: string): SchemaChange | undefined {
  const { tokens } = unprefixed(statement, { start: 0, end: statement.length });
  const reader = new Reader(tokens);
  const action = reader.takes('CREATE') ? 'create' : reader.takes('DROP') ? 'drop' : undefined;
  if (action === undefined) return undefined;
  const type = reader.takesAny('RANGE', 'TEXT', 'POINT', 'FULLTEXT', 'VECTOR', 'LOOKUP') ?? 'RANGE';
  const kind = reader.takes('INDEX') ? 'index' : reader.takes('CONSTRAINT') ? 'constraint' : undefined;
  const unnamed = reader.takesAny('IF', 'FOR') !== undefined;
  const name = unnamed ? undefined : reader.name();
  if (kind === undefined || name === undefined) return undefined;
  if (action === 'drop') return { action, kind, name };
  reader.takes('IF', 'NOT', 'EXISTS');
  const target = pattern(reader);
  const base: SchemaChange = {
    action,
    kind,
    name,
    ...(kind === 'index' ? { type } : {}),
    ...(target && { entity: target.entity }),
  };
  if (target === undefined) return base;
  if (kind === 'constraint') {
    const properties = reader.takes('REQUIRE') ? propertyList(reader, '(', ')') : undefined;
    const required = properties && requirement(reader);
    return { ...base, ...(required && { type: required, labels: target.labels, properties }) };
  }
  const properties = indexed(reader, type);
  const settings = properties && indexSettings(reader);
  return { ...base, ...(properties && { labels: target.labels, properties }), ...(settings && { settings }) };
}

/** FOR (n:A|B), FOR ()-[r:T|U]-(), or without labels for a LOOKUP index. */
function pattern(reader: Reader): { entity: 'NODE' | 'RELATIONSHIP'; labels: readonly string[] } | undefined {
  if (!reader.takes('FOR', '(')) return undefined;
  if (reader.takes(')')) {
    reader.takes('<');
    if (!reader.takes('-', '[')) return undefined;
    const labels = labelled(reader, ']');
    const closed = reader.takes('-', '(', ')') || reader.takes('-', '>', '(', ')');
    return labels && closed ? { entity: 'RELATIONSHIP', labels } : undefined;
  }
  const labels = labelled(reader, ')');
  return labels && { entity: 'NODE', labels };
}

function labelled(reader: Reader, closing: string): string[] | undefined {
  if (reader.name() === undefined) return undefined;
  const labels: string[] = [];
  while (reader.takes(labels.length === 0 ? ':' : '|')) {
    const label = reader.name();
    if (label === undefined) return undefined;
    labels.push(label);
  }
  return reader.takes(closing) ? labels : undefined;
}

/** ON (n.a, n.b), ON EACH [n.a, n.b], ON EACH labels(n). */
function indexed(reader: Reader, type: string): string[] | undefined {
  if (!reader.takes('ON')) return undefined;
  const each = reader.takes('EACH');
  if (type === 'LOOKUP') return [];
  const properties = each ? propertyList(reader, '[', ']') : propertyList(reader, '(', ')');
  return reader.isAtEnd || reader.is('OPTIONS') ? properties : undefined;
}

/** Behind the properties: nothing, or OPTIONS {indexConfig: {name: value, …}, indexProvider: '…'}. */
function indexSettings(reader: Reader): SchemaChange['settings'] {
  if (!reader.takes('OPTIONS')) return undefined;
  const options = mapLiteral(reader);
  const config = options?.get('indexConfig');
  if (options === undefined) return 'unknown';
  const entries = config instanceof Map ? [...config] : [];
  const known = entries.flatMap(([name, value]): [string, Setting][] =>
    value === undefined || value instanceof Map ? [] : [[name, value]],
  );
  return known.length === 0 ? undefined : new Map(known);
}

type Literal = Setting | undefined | Map<string, Literal>;

/** Values that are no literal are undefined. */
function mapLiteral(reader: Reader): Map<string, Literal> | undefined {
  if (!reader.takes('{')) return undefined;
  const map = new Map<string, Literal>();
  while (!reader.takes('}')) {
    const name = reader.name();
    if (name === undefined || !reader.takes(':')) return undefined;
    map.set(name, reader.is('{') ? mapLiteral(reader) : reader.literal());
    if (!reader.takes(',') && !reader.is('}')) return undefined;
  }
  return map;
}

function propertyList(reader: Reader, opening: string, closing: string): string[] | undefined {
  const properties: string[] = [];
  const enclosed = reader.takes(opening);
  do {
    const variable = reader.name();
    const property = reader.takes('.') ? reader.name() : undefined;
    if (variable === undefined || property === undefined) return undefined;
    properties.push(property);
  } while (enclosed && reader.takes(','));
  return !enclosed || reader.takes(closing) ? properties : undefined;
}

function requirement(reader: Reader): string | undefined {
  if (reader.takes(':', ':')) return 'PROPERTY_TYPE';
  if (!reader.takes('IS')) return undefined;
  if (reader.takes('NOT', 'NULL')) return 'PROPERTY_EXISTENCE';
  if (reader.takes('TYPED') || reader.takes(':', ':')) return 'PROPERTY_TYPE';
  reader.takesAny('NODE', 'RELATIONSHIP', 'REL');
  if (reader.takes('UNIQUE')) return 'UNIQUENESS';
  return reader.takes('KEY') ? 'KEY' : undefined;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Goes past these words or symbols if all of them come next. */
  takes(...words: readonly string[]): boolean {
    const matches = words.every((word, index) => keyword(this.#tokens[this.#at + index]) === word);
    if (matches) this.#at += words.length;
    return matches;
  }

  takesAny(...words: readonly string[]): string | undefined {
    return words.find((word) => this.takes(word));
  }

  is(word: string): boolean {
    return keyword(this.#tokens[this.#at]) === word;
  }

  /** Goes past a value to the comma or brace behind it; undefined where it is more than one token. */
  literal(): Setting | undefined {
    const begin = this.#at;
    let depth = 0;
    for (; this.#at < this.#tokens.length; this.#at += 1) {
      const word = keyword(this.#tokens[this.#at]);
      if (depth === 0 && (word === ',' || word === '}')) break;
      depth += ['(', '[', '{'].includes(word) ? 1 : [')', ']', '}'].includes(word) ? -1 : 0;
    }
    const token = this.#tokens[begin];
    if (this.#at !== begin + 1 || token === undefined) return undefined;
    if (token.kind === 'number') return Number(token.text);
    if (token.kind === 'string') return token.text.slice(1, -1);
    const word = keyword(token);
    return word === 'TRUE' ? true : word === 'FALSE' ? false : undefined;
  }

  name(): string | undefined {
    const name = cypherName(this.#tokens[this.#at]);
    if (name !== undefined) this.#at += 1;
    return name;
  }
}
