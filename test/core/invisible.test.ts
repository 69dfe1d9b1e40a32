import { describe, expect, test } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';

const problems = (name: string, text: string) => parseMigration(name, new TextEncoder().encode(text)).problems;
const sql = (text: string) => problems('001_a.sql', text);
const cypher = (text: string) => problems('001_a.cypher', text);

describe('a character that is not shown is named', () => {
  test.each([
    ['\u00A0', 'U+00A0 (no-break space)', 'plain space'],
    ['\u202F', 'U+202F (narrow no-break space)', 'plain space'],
    ['\u2003', 'U+2003 (em space)', 'plain space'],
    ['\u3000', 'U+3000 (ideographic space)', 'plain space'],
    ['\u200B', 'U+200B (zero width space)', 'remove it'],
    ['\u2060', 'U+2060 (word joiner)', 'remove it'],
    ['\u00AD', 'U+00AD (soft hyphen)', 'remove it'],
    ['\u200D', 'U+200D (zero width joiner)', 'remove it'],
    ['\u202E', 'U+202E (right-to-left override)', 'remove it'],
    ['\uFEFF', 'U+FEFF (byte order mark)', 'files that were joined'],
    ['\u2028', 'U+2028 (line separator)', 'line break'],
    ['\u0085', 'U+0085 (next line)', 'line break'],
    ['\u{E0041}', 'U+E0041 (invisible character)', 'remove it'],
    ['\x1a', 'U+001A (Ctrl-Z)', 'remove it'],
  ])('in SQL: %j', (character, name, hint) => {
    const [problem, ...more] = sql(`SELECT 'ä😀';\nSELECT${character}id FROM t;\nSELECT id${character} FROM t;`);
    expect(problem).toMatchObject({ place: { line: 2, column: 7 }, hint: expect.stringContaining(hint) });
    expect(problem?.message).toContain(`${name} outside of strings, quoted names and comments, 2 times: `);
    expect(problem?.excerpt).not.toContain(`SELECT${character}`);
    expect(problem?.excerpt).toContain('SELECT\uFFFDid FROM t;\n    |       ^'.replace('    |', '  |'));
    expect(more).toEqual([]);
  });

  test('each of them', () => {
    expect(sql('SELECT\u00A01;\n\uFEFFSELECT\u00A02;').map(({ place }) => place)).toEqual([
      { file: '001_a.sql', line: 1, column: 7 },
      { file: '001_a.sql', line: 2, column: 1 },
    ]);
  });

  test('behind a tab', () => {
    expect(sql('SELECT 1,\n\t\u00A0 2;')[0]?.excerpt).toBe('1 | SELECT 1,\n2 | \t\uFFFD 2;\n  | \t^');
  });

  test.each(['\u200B', '\u2060', '\uFEFF', '\u00AD', '\u180E', '\u202E'])('in Cypher: %j', (character) => {
    const [problem, ...more] = cypher(`RETURN 1;\nCREATE (a:Doc${character});`);
    expect(problem?.place).toMatchObject({ line: 2, column: 14 });
    expect(problem?.message).toMatch(/^U\+[0-9A-F]{4} \(.*\) outside of strings/);
    expect(more).toEqual([]);
  });
});

describe('where it does no harm it is allowed', () => {
  test.each([
    ["SELECT 'a\u00A0\u200B\uFEFF', E'\u00A0', $$\u00A0$$, $x$\u2028$x$;"],
    ['SELECT 1 AS "a\u00A0b", U&"\u200B";'],
    ['-- a\u00A0b\u200B\n/* \uFEFF */ SELECT 1;'],
    ['\uFEFFSELECT 1;'],
    ['CREATE TABLE größe_😀 (表 int, می\u200Cخواهم int, ❤\uFE0F int);'],
    ['DO $$ BEGIN PERFORM\u00A01; END $$;'],
  ])('in SQL: %j', (text) => expect(sql(text)).toEqual([]));

  test.each([
    ['CREATE\u00A0(:A);'],
    ['MATCH\u2003(n)\u2028RETURN\u3000n;'],
    ['CREATE (:`a\u200B` {t: \'x\uFEFF\', u: "\u200B"}); // \u200B'],
    ['CREATE (:Größe😀);'],
  ])('in Cypher: %j', (text) => expect(cypher(text)).toEqual([]));
});
