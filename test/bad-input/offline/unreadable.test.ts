import { test } from 'vitest';
import { expectRefusal, type Told } from '../refusal.ts';
import { SQL, validate } from './validate.ts';

test.each<[what: string, sql: string | Uint8Array, told: Told]>([
  ['nothing', '', { says: 'the file holds no statement: it is empty', hint: 'remove the file', at: SQL }],
  ['white space', ' \n\t\n', { says: 'the file holds no statement: it is empty', at: SQL }],
  ['comments alone', '-- soon\n/* later */\n', { says: 'the file holds no statement, only comments', at: SQL }],
  ['semicolons alone', ';;\n;', { says: 'the file holds no statement', at: SQL }],
  [
    'a rollback section alone',
    '-- Rollback:\n-- DROP TABLE a;\n',
    { says: 'the file holds no statement, only comments', at: SQL },
  ],
  [
    'a string without end',
    "SELECT 1;\nINSERT INTO a VALUES ('ä', 'it''s);\nSELECT 2;",
    { says: 'unterminated string: it opens here', hint: 'close it', at: `${SQL}:2:28` },
  ],
  ['an escape string without end', "SELECT E'\\';", { says: 'unterminated string: it opens here', at: `${SQL}:1:8` }],
  [
    'a quoted identifier without end',
    'SELECT 1 AS "a;\n',
    { says: 'unterminated quoted identifier: it opens here', at: `${SQL}:1:13` },
  ],
  [
    'a comment without end',
    'SELECT 1;\n\n  /* one /* two */\nSELECT 2;',
    { says: 'unterminated comment: it opens here', at: `${SQL}:3:3` },
  ],
  [
    'a dollar quote without end',
    'SELECT $$a$$;\nSELECT $do$ $$ $d$;',
    { says: 'unterminated dollar-quoted string ($do$): it opens here', at: `${SQL}:2:8` },
  ],
  [
    'a parenthesis without end',
    'SELECT (1;\nSELECT 2;',
    { says: 'unterminated parenthesis: it opens here', at: `${SQL}:1:8` },
  ],
  [
    'a no-break space',
    "SELECT 'a\u00A0b';\nSELECT\u00A01;",
    { says: 'U+00A0 (no-break space) outside of strings', hint: 'a plain space', at: `${SQL}:2:7` },
  ],
  [
    'a byte order mark in the middle',
    'SELECT 1;\n\uFEFFSELECT 2;',
    { says: 'U+FEFF (byte order mark) outside of strings', hint: 'files that were joined', at: `${SQL}:2:1` },
  ],
  [
    'a backslash for a setting that has no effect',
    "SET standard_conforming_strings = off;\nSELECT 'it\\'s';",
    {
      says: 'unterminated string: it opens here and is never closed; SET standard_conforming_strings = off of this file',
      hint: "write E'…'",
      at: `${SQL}:2:14`,
    },
  ],
  [
    'bytes that are no UTF-8',
    Buffer.from("SELECT 'a';\nSELECT '\xe4';", 'latin1'),
    { says: 'the file is not valid UTF-8: byte 0xe4 at offset 20', hint: 'save it as UTF-8', at: `${SQL}:2:9` },
  ],
  [
    'UTF-16',
    Buffer.from('\uFEFFSELECT 1;', 'utf16le'),
    { says: 'the file is UTF-16 and not UTF-8', hint: 'save it as UTF-8', at: SQL },
  ],
  [
    'a NUL',
    'SELECT 1;\n\0',
    { says: 'the file contains a NUL character', hint: 'save it as UTF-8 text', at: `${SQL}:2:1` },
  ],
])('%s', async (_, sql, told) => {
  expectRefusal(await validate({ [SQL]: sql }), { kind: 'source', ...told });
});
