import { describe, expect, test } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';

const problems = (text: string) => parseMigration('001_a.sql', new TextEncoder().encode(text)).problems;

const OFF = 'SET standard_conforming_strings = off;';

describe('strings for a setting that has no effect', () => {
  test.each([
    [OFF, 'SET standard_conforming_strings = off'],
    ['set session Standard_Conforming_Strings to OFF;', 'SET standard_conforming_strings = off'],
    ["SET LOCAL standard_conforming_strings = 'false';", 'SET standard_conforming_strings = false'],
    ['SET standard_conforming_strings TO 0;', 'SET standard_conforming_strings = 0'],
    ["SELECT set_config('standard_conforming_strings', 'off', false);", 'SET standard_conforming_strings = off'],
    ["SELECT pg_catalog.set_config('standard_conforming_strings', 'no', true);", 'standard_conforming_strings = no'],
    ['SET backslash_quote = on;', 'SET backslash_quote = on'],
    ['SET backslash_quote TO safe_encoding;', 'SET backslash_quote = safe_encoding'],
  ])('%s', (set, named) => {
    const [problem, ...more] = problems(`${set}\nSELECT 'it\\'s';\n`);
    expect(problem?.message).toContain('unterminated string: it opens here');
    expect(problem?.message).toContain(`${named} of this file has no effect`);
    expect(problem?.hint).toContain('standard_conforming_strings = on');
    expect(problem?.hint).toContain("E'…'");
    expect(problem?.place).toMatchObject({ line: 2 });
    expect(more).toEqual([]);
  });

  test.each([
    ["SELECT 'it\\'s', 'that\\'s';", 8],
    ["SELECT 1, 'a\\nb';", 11],
  ])('with each string closed: %s', (statement, column) => {
    const [problem, ...more] = problems(`${OFF}\n${statement}`);
    expect(problem).toMatchObject({
      message: expect.stringContaining('this string has a backslash; SET standard_conforming_strings = off'),
      place: { line: 2, column },
    });
    expect(more).toEqual([]);
  });

  test('without the setting it is not named', () => {
    for (const head of ['SELECT 1;', 'SET standard_conforming_strings = on;', `-- ${OFF}`]) {
      const [problem] = problems(`${head}\nSELECT 'it\\'s';`);
      expect(problem?.message).toBe('unterminated string: it opens here and is never closed');
    }
  });

  test.each([
    [`${OFF}\nSELECT 'a', E'it\\'s', $$\\$$;`],
    [`${OFF}\nSELECT 'a';\nSET standard_conforming_strings = on;\nSELECT 'a\\b';`],
    [`${OFF}\nSELECT 'a';\nRESET standard_conforming_strings;\nSELECT 'a\\b';`],
    [`${OFF}\nSELECT 'a';\nRESET ALL;\nSELECT 'a\\b';`],
    [`${OFF}\nSET standard_conforming_strings TO DEFAULT;\nSELECT 'a\\b';`],
    [`SELECT 'a\\b';\n${OFF}`],
    ["SET standard_conforming_strings = on;\nSELECT 'a\\b';"],
    ["SET backslash_quote = on;\nSELECT 'a\\b';"],
    ["SHOW standard_conforming_strings;\nSELECT 'a\\b';"],
  ])('allowed: %s', (text) => expect(problems(text)).toEqual([]));
});
