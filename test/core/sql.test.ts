import fc from 'fast-check';
import { loadModule, parseSync, scanSync } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import { identifier, outline, readSql, sqlTokens } from '../../src/core/sql.ts';
import { SqlLexer } from '../../src/core/sql-lexer.ts';

const RUNS = Number(process.env.LEXER_RUNS ?? 400);

function statements(text: string): string[] {
  return readSql(text).statements.map(({ start, end }) => text.slice(start, end));
}

describe('statements end at a semicolon', () => {
  test.each<[string, string, string[]]>([
    ['none in an empty text', '', []],
    ['none in comments', '-- a;\n/* b; /* c; */ d; */', []],
    ['empty ones do not count', ';; SELECT 1 ;; ;', ['SELECT 1']],
    ['without the last one', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['without comments around', '/* a */ SELECT 1 /* b */ ; -- c\nSELECT 2 -- d', ['SELECT 1', 'SELECT 2']],
    ['with comments inside', 'SELECT /* ; */ 1', ['SELECT /* ; */ 1']],
    ['a comment that ends with the text', 'SELECT 1 --', ['SELECT 1']],
    [
      'an operator that runs into a comment',
      'SELECT 1+--;\n2; SELECT 3*/*;*/4',
      ['SELECT 1+--;\n2', 'SELECT 3*/*;*/4'],
    ],
  ])('%s', (_, text, expected) => expect(statements(text)).toEqual(expected));
});

describe('a semicolon in quotes ends nothing', () => {
  test.each([
    ["doubled quote: 'it''s;'"],
    ["backslash is nothing special: '\\' || ';'"],
    ["E'' backslash: E'\\';' || e'\\\\'"],
    ["E'' quote after a doubled one: E'a'';b'"],
    ["E'' in parts: E'a' -- it's a comment; \n  'b\\';c'"],
    ["plain string in parts: 'a'\n'b;\\'"],
    ["U&'d\\0061t;' UESCAPE '!'"],
    ["B'01;' X'1F;' N'x;'"],
    ['quoted identifier: "a"";b" U&"d;\\0061"'],
    ['dollar quotes: $$ ; $a$ ; \' " -- $$'],
    ['tagged dollar quotes: $a$ ; $$ ; $ab$ ; $b$ $a$'],
    ['dollar tag beyond ASCII: $füß$ ; $$ $füß$'],
    ['identifier with dollars: a$b$c'],
    ['parameters: $1 + $2'],
    ['lone dollars: $ $x $'],
    ["identifier that ends like a prefix: nameE'\\'"],
    ["beyond ASCII: é'x;' 😀 '😀;'"],
  ])('SELECT %s', (text) => expect(statements(`${text};SELECT 2`)).toEqual([text, 'SELECT 2']));
});

describe('a semicolon inside a statement ends nothing', () => {
  test.each([
    ['CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b)'],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END'],
    ['create or replace procedure p() language sql begin /* ; */ atomic insert into t values (1); end'],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END'],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ;; END'],
    ['CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN CASE a WHEN 2 THEN 3 END END; END'],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT 2 end; SELECT t.end, 1 case FROM t; END'],
    ["CREATE FUNCTION f(a text DEFAULT ('begin')) RETURNS int BEGIN ATOMIC SELECT (1); END"],
    ['CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$'],
    ['CREATE FUNCTION "BEGIN"() RETURNS int RETURN 1'],
  ])('%s', (text) => expect(statements(`${text};SELECT 3;`)).toEqual([text, 'SELECT 3']));

  test('BEGIN ATOMIC means nothing outside of routines', () => {
    expect(statements('SELECT begin atomic FROM t; SELECT 2; END')).toEqual([
      'SELECT begin atomic FROM t',
      'SELECT 2',
      'END',
    ]);
    expect(statements('CREATE VIEW v AS SELECT begin atomic FROM t; SELECT 2')).toHaveLength(2);
  });

  test('a closing parenthesis too many is left to the server', () => {
    expect(statements('SELECT 1); SELECT 2')).toEqual(['SELECT 1)', 'SELECT 2']);
  });
});

describe('what opens and never closes is told where it opens', () => {
  test.each([
    ["SELECT 1; SELECT 'a; SELECT 2", 'string', 17],
    ["SELECT E'a\\'", 'string', 7],
    ["SELECT E'a\\", 'string', 7],
    ["SELECT U&'a", 'string', 7],
    ["SELECT E'a'\n'b", 'string', 7],
    ['SELECT "a""', 'quoted identifier', 7],
    ['SELECT U&"a', 'quoted identifier', 7],
    ['SELECT $a$ x $b$ $$', 'dollar-quoted string ($a$)', 7],
    ['SELECT /* a /* b */', 'comment', 7],
    ['SELECT (1; SELECT (2)', 'parenthesis', 7],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT (1); SELECT 2;', 'BEGIN ATOMIC', 32],
  ])('%s', (text, what, offset) => expect(readSql(text).unterminated).toEqual({ what, offset }));

  test('and what stands before it is there', () => {
    expect(statements("SELECT 1; SELECT 'a; SELECT 2")).toEqual(['SELECT 1']);
  });
});

describe("psql's", () => {
  test('commands go to the end of their line and belong to no statement', () => {
    const text = "\\i it's.sql\nSELECT 1;\n\\echo 'a\n";
    const script = readSql(text);
    expect(script.clientCommands.map(({ start, end }) => text.slice(start, end))).toEqual([
      "\\i it's.sql",
      "\\echo 'a",
    ]);
    expect(statements(text)).toEqual(['SELECT 1']);
  });

  test('data after COPY … FROM STDIN is not read as SQL', () => {
    const text = "COPY t (a, b) FROM stdin;\n1\tit's\n2\t/*\n\\.\n\nSELECT 1;";
    expect(statements(text)).toEqual(['COPY t (a, b) FROM stdin', 'SELECT 1']);
    expect(readSql(text).unterminated).toBeUndefined();
  });

  test.each(['1\n\\.b\n', '1\r\n\\. \r\n'])('data end only at a line that is \\. and nothing else: %j', (data) => {
    expect(statements(`COPY t FROM stdin;\n${data}it's\n\\.\nSELECT 1;`)).toEqual(['COPY t FROM stdin', 'SELECT 1']);
    expect(statements('COPY t FROM stdin;\r\n1\r\n\\.\r\nSELECT 1;')).toEqual(['COPY t FROM stdin', 'SELECT 1']);
  });
});

test('comments that speak to this program are found outside of strings only', () => {
  const text = "-- migrate: a\n--Rollback : b\n-- migrated: c\nSELECT '\n-- migrate: d\n' -- MIGRATE: e";
  expect(readSql(text).markers).toEqual([0, 14, text.indexOf('-- MIGRATE')]);
});

test('an outline spells tokens in one way', () => {
  const text = `create /* x */ Unique index "My Idx" on é.t (a) where b = 'it''s' and c = 1.5e3 or $1`;
  expect(outline(text, { start: 0, end: text.length })).toBe(
    `CREATE UNIQUE INDEX " ON É . T ( A ) WHERE B = ' AND C = 0 OR $1`,
  );
  expect(outline(text, { start: 0, end: text.length }, 2)).toBe('CREATE UNIQUE');
});

test('identifiers are folded and unquoted as PostgreSQL does it', () => {
  const text = 'Foo "Foo""Bar" ÄÖ U&"x"';
  const names = [...sqlTokens(text, { start: 0, end: text.length })].map(identifier);
  expect(names).toEqual(['foo', 'Foo"Bar', 'ÄÖ', undefined]);
});

describe('compared with the parser of PostgreSQL', () => {
  beforeAll(() => loadModule());

  const word = fc.constantFrom('a', 'b$c', 'é', '"q;"', '"a""b"', 'x_1');
  const piece = fc.constantFrom(
    'a',
    ';',
    '--',
    '/*',
    '*/',
    '\n',
    '$',
    '$$',
    '$a$',
    ' ',
    'ü',
    '😀',
    '"',
    '(',
    'E',
    '\\',
  );
  const content = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const literal = fc.oneof(
    content.map((text) => `'${text}'`),
    content.map((text) => `'${text}'''`),
    content.map((text) => `E'${text.replaceAll('\\', '\\\\')}\\''`),
    fc
      .tuple(content, content)
      .map(([a, b]) => `e'${a.replaceAll('\\', '\\\\')}' \n\n 'x\\'${b.replaceAll('\\', '\\\\')}'`),
    content.map((text) => `U&'${text.replaceAll('\\', '\\0041')}'`),
    content.filter((text) => !text.includes('$') && !text.includes('\\')).map((text) => `$t$${text}'$t$`),
    content.filter((text) => !`${text}$`.includes('$$')).map((text) => `$$${text}$$`),
    fc.constantFrom("B'01'", "X'1F'", "N'n;'", '1.5', '$1', '12', 'NULL', "DATE '2026-01-01'"),
  );
  const select = fc.tuple(fc.array(literal, { minLength: 1, maxLength: 3 }), word).map(([values, name]) => {
    return `SELECT ${values.map((value) => `(${value})`).join(', ')} AS ${name}`;
  });
  const body = fc.array(
    fc.oneof(
      select,
      fc.constantFrom(
        'SELECT CASE WHEN true THEN 1 END',
        'SELECT 1 AS end',
        'SELECT 1 end',
        'SELECT x.end FROM x',
        'DELETE FROM t',
        'RETURN 1',
      ),
    ),
    { maxLength: 3 },
  );
  const statement = fc.oneof(
    { weight: 3, arbitrary: select },
    body.map(
      (list) =>
        `CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC ${list.map((each) => `${each}; `).join('')}END`,
    ),
    content.filter((text) => !text.includes('$')).map((text) => `DO $b$ BEGIN ${text} END; $b$`),
    literal.filter((text) => /^[Ee]?'/.test(text)).map((text) => `COMMENT ON TABLE t IS ${text}`),
    fc
      .array(select, { minLength: 1, maxLength: 3 })
      .map((list) => `CREATE RULE r AS ON INSERT TO t DO ALSO (${list.join('; ')})`),
    fc.constantFrom(
      'BEGIN',
      'COMMIT',
      'SELECT begin atomic FROM t',
      'CREATE TABLE t (a int DEFAULT 1)',
      'SELECT a+-b FROM t',
    ),
  );
  const gap = fc.array(fc.constantFrom(' ', '\n', "-- c; '\n", '/* ; " */', '/* a /* b; */ c */', '\t', '--\n'), {
    maxLength: 3,
  });
  const script = fc
    .array(fc.tuple(gap, statement, gap), { maxLength: 5 })
    .chain((parts) =>
      fc
        .constantFrom('', ';', ';;', '; -- end')
        .map((last) => parts.map(([a, b, c]) => a.join('') + b + c.join('')).join(';') + last),
    );

  test('the bounds of statements are the same', () => {
    fc.assert(
      fc.property(script, (text) => {
        fc.pre(text !== '');
        const bytes = Buffer.from(text);
        const parsed = (parseSync(text).stmts ?? []).map(({ stmt_location: from = 0, stmt_len: length }) =>
          bytes.subarray(from, length === undefined ? undefined : from + length).toString(),
        );
        const ours = statements(text);
        expect(ours).toHaveLength(parsed.length);
        for (const [index, whole] of parsed.entries()) {
          const mine = ours[index] ?? '';
          expect(whole.startsWith(mine)).toBe(true);
          // What PostgreSQL counts to a statement behind its last token is white space and comments.
          expect(outline(whole.slice(mine.length), { start: 0, end: whole.length })).toBe('');
        }
      }),
      { numRuns: RUNS },
    );
  });

  const soup = fc
    .array(
      fc.constantFrom(
        ...[
          "'",
          "''",
          '"',
          '""',
          '$$',
          '$a$',
          '$',
          '--',
          '/*',
          '*/',
          '\\',
          '\n',
          ' ',
          'E',
          "E'",
          "e'\\''",
          "U&'",
          'U&"',
          "x'",
          ';',
          '(',
        ],
        ...['a', '1', '.', 'é', '😀', '-', '/', '*', '+', '_', 'select', '\t', "'\n'", ')', '&', '$1'],
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join(''));

  test('tokens begin and end in the same places, whatever the text', () => {
    fc.assert(
      fc.property(soup, (text) => {
        // The parser's copy of the scanner leaves out one rule: a comment may stand between a string's parts.
        fc.pre(!/'\s*--/.test(text));
        const lexer = new SqlLexer(text);
        const ours: string[] = [];
        while (lexer.next()) {
          fc.pre(lexer.kind !== 'client');
          if (lexer.kind === 'string' || lexer.kind === 'name' || lexer.isSymbol(';')) ours.push(lexer.token().text);
        }
        const theirs = scan(text);
        fc.pre(theirs !== 'other error');
        if (theirs === 'unterminated') expect(lexer.unterminated).toBeDefined();
        else {
          expect(lexer.unterminated).toBeUndefined();
          // To PostgreSQL, the parts of a string on several lines and the letter before B'' and X'' belong to one token.
          expect(joined(ours)).toEqual(joined(theirs));
        }
      }),
      { numRuns: RUNS },
    );
  });

  function joined(tokens: string[]): string {
    return tokens.map((token) => token.replace(/^[bxn]'/i, "'").replace(/\s/g, '')).join('');
  }

  function scan(text: string): string[] | 'unterminated' | 'other error' {
    try {
      const bytes = Buffer.from(text);
      return scanSync(text)
        .tokens.map(({ start, end, tokenName }) => ({ tokenName, text: bytes.subarray(start, end).toString() }))
        .filter(
          ({ tokenName, text: token }) => /CONST$|ASCII_59/.test(tokenName) || /^["']|^[bxn]'|^U&["']/i.test(token),
        )
        .filter(({ tokenName }) => !/^(ICONST|FCONST)$/.test(tokenName))
        .map(({ text: token }) => token);
    } catch (error) {
      return String(error).includes('"unterminat"') ? 'unterminated' : 'other error';
    }
  }
});
