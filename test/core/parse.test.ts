import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFileName, parseMigration } from '../../src/core/parse.ts';

const utf8 = new TextEncoder();

function parse(text: string, name = '001_a.sql') {
  return parseMigration(name, utf8.encode(text));
}

describe('file names', () => {
  test.each([
    ['001_initial_schema.sql', { version: 1, database: 'postgres', slug: 'initial_schema', digits: '001' }],
    ['20260102030405_x.cypher', { version: 20260102030405, database: 'neo4j', slug: 'x', digits: '20260102030405' }],
    ['0010__1.sql', { version: 10, database: 'postgres', slug: '_1', digits: '0010' }],
  ])('%s', (name, expected) => expect(parseFileName(name)).toEqual(expected));

  test.each([
    ['01_a.sql'],
    ['001-a.sql'],
    ['001_A.sql'],
    ['001_a.SQL'],
    ['001_.sql'],
    ['001_a.sql.bak'],
    ['123456789012345_a.sql'],
    [' 001_a.sql'],
    ['001_ä.sql'],
    ['001_a.sql\n'],
  ])('not %s', (name) => {
    expect(parseFileName(name)).toBeUndefined();
    expect(parse('SELECT 1', name).problems[0]?.hint).toContain('007_add_users.sql');
  });
});

describe('checksums are frozen: histories hold them', () => {
  test.each([
    ['001_a.sql', 'SELECT 1;\n', 'b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd'],
    ['001_a.sql', 'SELECT 1;\nSELECT 2;\n', '82efb67f3010c6eb7ead02e4f6d9550633dbc1407f99aa487468e7b2567aebbc'],
    ['001_a.cypher', 'RETURN "ä😀";\n', '212f07775ec85edbd88d44d7a5a13ef558506c936fd8b679d6267f73cb861827'],
  ])('%s %j', (name, text, sum) => expect(parse(text, name).migration?.checksum).toBe(`sha256:${sum}`));

  test('and the same with a BOM and with every kind of line end', () => {
    const sum = parse('SELECT 1;\nSELECT 2;\n').migration?.checksum;
    for (const text of [
      '\uFEFFSELECT 1;\nSELECT 2;\n',
      'SELECT 1;\r\nSELECT 2;\r\n',
      'SELECT 1;\rSELECT 2;\r',
      'SELECT 1;\r\nSELECT 2;\r',
    ]) {
      const { migration } = parse(text);
      expect(migration?.text).toBe('SELECT 1;\nSELECT 2;\n');
      expect(migration?.checksum).toBe(sum);
    }
  });

  test('but different for every other difference', () => {
    const sums = ['SELECT 1;', 'SELECT 1; ', 'SELECT 1;\n', 'select 1;', 'SELECT 1; -- a'].map(
      (text) => parse(text).migration?.checksum,
    );
    expect(new Set(sums).size).toBe(sums.length);
  });
});

describe('a file that is no text', () => {
  test.each([
    ['Latin-1', [0x53, 0x45, 0x0a, 0x61, 0xe4, 0x62], '0xe4 at offset 4', 2, 2],
    ['a sequence that the end cuts', [0x61, 0xe2, 0x82], '0xe2 at offset 1', 1, 2],
    ['a real replacement character before it', [0xef, 0xbf, 0xbd, 0x0a, 0xff], '0xff at offset 4', 2, 1],
    ['a BOM before it', [0xef, 0xbb, 0xbf, 0x61, 0xff], '0xff at offset 4', 1, 3],
    ['an encoded surrogate', [0xed, 0xa0, 0x80], '0xed at offset 0', 1, 1],
  ])('%s', (_, bytes, message, line, column) => {
    const { problems } = parseMigration('001_a.sql', Uint8Array.from(bytes));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.place).toEqual({ file: '001_a.sql', line, column });
  });

  test.each([
    ['little-endian', [0xff, 0xfe, 0x53, 0x00]],
    ['big-endian', [0xfe, 0xff, 0x00, 0x53]],
  ])('UTF-16, %s', (_, bytes) => {
    expect(parseMigration('001_a.sql', Uint8Array.from(bytes)).problems[0]?.message).toContain('UTF-16');
  });

  test('a NUL character', () => {
    const [problem] = parse("SELECT 1;\nSELECT 'a\0b';").problems;
    expect(problem).toMatchObject({ place: { line: 2, column: 10 } });
    expect(problem?.message).toContain('NUL');
  });

  test('whatever the bytes, there is a migration or a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('001_a.sql', '001_a.cypher'), (bytes, name) => {
        const { migration, problems } = parseMigration(name, bytes);
        expect(problems.length === 0).toBe(migration !== undefined);
      }),
    );
  });
});

describe('a file without a statement', () => {
  test.each([
    ['', 'it is empty'],
    ['\n \t\n', 'it is empty'],
    ['-- only\n/* comments */', 'only comments'],
    [';;', 'only comments'],
  ])('%j', (text, message) => {
    const { problems } = parse(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(`the file holds no statement`);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.place).toEqual({ file: '001_a.sql' });
  });

  test('Cypher too', () => expect(parse('// only', '001_a.cypher').problems[0]?.message).toContain('no statement'));
});

describe('the rollback section', () => {
  test.each([
    ['none', 'SELECT 1;', undefined],
    ['empty', 'SELECT 1;\n-- Rollback:\n--\n', undefined],
    [
      'some lines',
      'SELECT 1;\n\n-- Rollback:\n-- DROP TABLE a;\n\n--   -- why\n--DROP TABLE b;\n',
      'DROP TABLE a;\n\n  -- why\nDROP TABLE b;',
    ],
    ['in other letters', 'SELECT 1;\n  --ROLLBACK :\n  -- DROP TABLE a;', 'DROP TABLE a;'],
    ['on one line', 'SELECT 1;\n-- rollback: DROP TABLE a;', 'DROP TABLE a;'],
    ['beside a statement is none', 'SELECT 1; -- Rollback: DROP TABLE a;\nSELECT 2;', undefined],
    ['in a string is none', "SELECT '\n-- Rollback:\nx'", undefined],
  ])('%s', (_, text, rollback) => {
    expect(parse(text).problems).toEqual([]);
    expect(parse(text).migration?.rollback).toBe(rollback);
  });

  test('in Cypher behind its own comments', () => {
    const text = 'CREATE (n:A);\n// Rollback:\n// MATCH (n:A) DELETE n; // all\n';
    expect(parse(text, '001_a.cypher').migration?.rollback).toBe('MATCH (n:A) DELETE n; // all');
  });

  test.each([
    ['SELECT 1;\n-- Rollback:\n-- DROP TABLE a;\n  DROP TABLE b;', 4, 3],
    ['-- Rollback: see the wiki\nSELECT 1;', 2, 1],
    ['SELECT 1;\n-- Rollback:\n/* DROP TABLE a; */', 3, 1],
  ])('whose lines are not all comments would run: %j', (text, line, column) => {
    const { problems } = parse(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('rollback section');
    expect(problems[0]?.place).toMatchObject({ line, column });
  });
});

describe('a large file is read in one go, whatever is in it', () => {
  const length = 8_000_000;
  test.each([
    ['one string', '001_a.sql', () => `SELECT '${'x'.repeat(length)}'`],
    ['doubled quotes', '001_a.sql', () => `SELECT '${"''".repeat(length / 2)}'`],
    ['an escaped string', '001_a.sql', () => `SELECT E'${"\\'".repeat(length / 2)}'`],
    ['white space behind an escaped string', '001_a.sql', () => `SELECT E''${' \n'.repeat(length / 2)}`],
    ['dollars', '001_a.sql', () => `SELECT ${'$ '.repeat(length / 2)}`],
    ['one dollar tag', '001_a.sql', () => `SELECT $${'x'.repeat(length)}`],
    ['one word', '001_a.sql', () => 'x'.repeat(length)],
    ['one number', '001_a.sql', () => `SELECT ${'1'.repeat(length)}`],
    ['comments', '001_a.sql', () => `SELECT 1;${'\n-- migrat: x'.repeat(length / 13)}`],
    ['nested comments', '001_a.sql', () => `SELECT 1 ${'/*'.repeat(length / 4)}${'*/'.repeat(length / 4)}`],
    ['a directive', '001_a.sql', () => `-- migrate: allow a: ${'x'.repeat(length)}\nSELECT 1`],
    ['one Cypher string', '001_a.cypher', () => `RETURN '${"\\'".repeat(length / 2)}'`],
    ['one Cypher word', '001_a.cypher', () => 'é'.repeat(length / 2)],
    ['backticks', '001_a.cypher', () => `RETURN \`${'``'.repeat(length / 2)}\``],
    ['interpolated strings', '001_a.cypher', () => `RETURN ${"s'{".repeat(length / 60)}1${"}'".repeat(length / 60)}`],
  ])('%s', (_, name, text) => {
    expect(parse(text(), name).problems).toEqual([]);
  });
});
