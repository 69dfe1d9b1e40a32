import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cypherKind, cypherName, cypherTokens, readCypher } from '../../src/core/cypher.ts';

const RUNS = Number(process.env.LEXER_RUNS ?? 400);

function statements(text: string): string[] {
  return readCypher(text).statements.map(({ start, end }) => text.slice(start, end));
}

describe('statements end at a semicolon', () => {
  test.each<[string, string, string[]]>([
    ['none in an empty text', '', []],
    ['none in comments', '// a;\n/* b; /* c; */', []],
    ['empty ones do not count', ';; RETURN 1 ;; ;', ['RETURN 1']],
    ['without comments around', '/* a */ RETURN 1 /* b */ ; // c\nRETURN 2 // d', ['RETURN 1', 'RETURN 2']],
    ['comments do not nest', 'RETURN /* /* ; */ 1; RETURN 2', ['RETURN /* /* ; */ 1', 'RETURN 2']],
    ['wide white space', '\u00a0RETURN 1\u2003;\u3000', ['RETURN 1']],
  ])('%s', (_, text, expected) => expect(statements(text)).toEqual(expected));
});

describe('a semicolon in quotes ends nothing', () => {
  test.each([
    ["RETURN 'it\\'s;'"],
    ['RETURN "a;\\";b"'],
    ["RETURN 'a\\\\' + ';'"],
    ["RETURN 'a'';'"],
    ["RETURN 'http://host/;'"],
    ['RETURN "/* ; */"'],
    ['MATCH (n:`a;``;b\\`) RETURN n'],
    ["RETURN s'{x};{ {a: ';'}.a } ;'"],
    ['RETURN S"\\{;{s\'in {1}\'};"'],
    ["RETURN s'{ x // }\n };'"],
    ["RETURN s'{ {a: 1}.a + \"';\" } ;'"],
    ["RETURN s'a}b;'"],
    ["RETURN as'x;{'"],
    ["RETURN 'multi\nline;'"],
    ["RETURN é'x;'"],
  ])('%s', (text) => expect(statements(`${text};RETURN 2`)).toEqual([text, 'RETURN 2']));
});

describe('what opens and never closes is told where it opens', () => {
  test.each([
    ["RETURN 1; RETURN 'a; RETURN 2", 'string', 17],
    ["RETURN 'a\\'", 'string', 7],
    ['RETURN "a\\', 'string', 7],
    ['RETURN `a``', 'name in backticks', 7],
    ['RETURN /* a', 'comment', 7],
    ["RETURN s'a {1", 'interpolated string', 7],
    ["RETURN s'a {1} ", 'interpolated string', 7],
    ['RETURN s\'a {s"b} ', 'interpolated string', 12],
    ["RETURN s'a {{}", 'interpolated string', 7],
  ])('%s', (text, what, offset) => expect(readCypher(text).unterminated).toEqual({ what, offset }));
});

test('commands of cypher-shell go to the end of their line', () => {
  const text = ":param x => it's\nRETURN 1;\n  :commit;\nMATCH (n\n:Label) RETURN n";
  const commands = readCypher(text).clientCommands.map(({ start, end }) => text.slice(start, end));
  expect(commands).toEqual([":param x => it's", ':commit;']);
  expect(statements(text)).toEqual(['RETURN 1', 'MATCH (n\n:Label) RETURN n']);
});

test('comments that speak to this program are found outside of strings only', () => {
  const text = "// migrate: a\n//Rollback: b\nRETURN '// migrate: c' // migrate: d";
  expect(readCypher(text).markers).toEqual([0, 14, text.lastIndexOf('//')]);
});

test('names lose their backticks', () => {
  const text = "a `b``c` 'd' 1 é_2";
  const names = [...cypherTokens(text, { start: 0, end: text.length })].map(cypherName);
  expect(names).toEqual(['a', 'b`c', undefined, undefined, 'é_2']);
});

describe('kinds of statement', () => {
  test.each([
    ['schema', 'CREATE INDEX a IF NOT EXISTS FOR (n:L) ON (n.p)'],
    ['schema', 'create /* x */ fulltext index a FOR (n:L) ON EACH [n.p]'],
    ['schema', 'CREATE OR REPLACE INDEX a FOR (n:L) ON (n.p)'],
    ['schema', 'CREATE CONSTRAINT FOR (n:L) REQUIRE n.p IS UNIQUE'],
    ['schema', 'DROP INDEX a'],
    ['schema', 'DROP CONSTRAINT a IF EXISTS'],
    ['schema', 'CYPHER 5 CREATE INDEX a FOR (n:L) ON (n.p)'],
    ['schema', 'CYPHER 25 planner=cost runtime = slotted DROP INDEX a'],
    ['schema', 'CYPHER runtime=slotted CREATE VECTOR INDEX a FOR (n:L) ON n.p'],
    ['data', 'EXPLAIN CREATE INDEX a FOR (n:L) ON (n.p)'],
    ['data', 'CYPHER 25 PROFILE DROP INDEX a IF EXISTS'],
    ['data', 'CREATE (n:INDEX)'],
    ['data', 'CREATE index = (a)-[:T]->(b)'],
    ['data', 'CREATE constraint=(a)-[:T]->(b)'],
    ['data', "CREATE (n {text: 'CREATE INDEX'})"],
    ['data', 'SHOW INDEXES'],
    ['auto', 'CALL { CREATE (n) } IN TRANSACTIONS'],
    ['auto', 'MATCH (n) CALL (n) { DETACH DELETE n } in 3 concurrent transactions OF 10 ROWS'],
    ['auto', 'CYPHER 25 MATCH (n) CALL (n) { WITH n { .a } AS m SET n = m } IN $k CONCURRENT TRANSACTIONS'],
    ['auto', "LOAD CSV FROM 'x' AS row OPTIONAL CALL (*) { CREATE (n {a: row[0]}) } /* x */ IN /* y */ TRANSACTIONS"],
    ['data', 'CALL { CREATE (n) }'],
    ['data', 'WITH [1] AS transactions UNWIND [{a: 1}] AS x WITH x WHERE {a: 1} IN transactions RETURN x'],
    ['data', 'CALL db.labels() YIELD label WHERE label IN transactions RETURN label'],
    ['data', "CALL { CREATE (n {a: '} IN TRANSACTIONS'}) } // } IN TRANSACTIONS"],
    ['data', 'EXPLAIN CALL { CREATE (n) } IN TRANSACTIONS'],
  ])('%s: %s', (kind, text) => expect(cypherKind(text, { start: 0, end: text.length })).toBe(kind));
});

test('the bounds of generated statements are found', () => {
  const piece = fc.constantFrom(
    'a',
    ';',
    '//',
    '/*',
    '*/',
    '\n',
    '{',
    '}',
    ' ',
    'ü',
    '😀',
    ':',
    '(',
    "'",
    '"',
    '`',
    '\\',
  );
  const content = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const escaped = (text: string, characters: RegExp) => text.replace(characters, (character) => `\\${character}`);
  const literal = fc.oneof(
    content.map((text) => `'${escaped(text, /['\\]/g)}'`),
    content.map((text) => `"${escaped(text, /["\\]/g)}"`),
    content.map((text) => `\`${text.replaceAll('`', '``')}\``),
    fc.tuple(content, content).map(([text, name]) => {
      const expression = `{ {a: \`${name.replaceAll('`', '``')}\`}.a }`;
      return `s'${escaped(text, /['\\{]/g)}${expression}${escaped(name, /['\\{]/g)}'`;
    }),
    content.map((text) => `/*${text.replaceAll('*/', '* /')} */1`),
    content.map((text) => `// ${text.replaceAll('\n', '')}\n1`),
    fc.constantFrom('1', '.5', '$p', 'n.a', '{a: 1}', 's', '[1..2]'),
  );
  const statement = fc
    .array(literal, { minLength: 1, maxLength: 4 })
    .map((values) => `RETURN ${values.join(' + ')} AS x`);
  const gap = fc
    .array(fc.constantFrom(' ', '\n', "// c; '\n", '/* ; " */', '\u2003', '//\n'), { maxLength: 3 })
    .map((pieces) => pieces.join(''));
  const script = fc.array(fc.tuple(gap, statement, gap), { maxLength: 5 });
  fc.assert(
    fc.property(script, fc.constantFrom('', ';', ';;', '; // end'), (parts, last) => {
      const text = parts.map((part) => part.join('')).join(';') + last;
      expect(statements(text)).toEqual(parts.map(([, each]) => each));
    }),
    { numRuns: RUNS },
  );
});
