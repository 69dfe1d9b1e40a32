import { describe, expect, test } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';

function parse(header: string, name = '001_a.sql') {
  const body = name.endsWith('.sql') ? 'SELECT 1;' : 'RETURN 1;';
  return parseMigration(name, new TextEncoder().encode(`${header}\n${body}\n`));
}

test('none is the default', () => {
  expect(parse('').migration?.directives).toEqual({
    noTransaction: false,
    autoCommit: false,
    replayable: false,
    breaking: false,
    allow: new Map(),
  });
});

test('they stand in the leading comments, one a line', () => {
  const { migration } = parse(`-- Adds users.
/* migrate: not a directive */
-- migrate: no-transaction
--migrate:replayable
  -- Migrate: breaking
-- migrate: ddl-lock-timeout=500ms
-- migrate: statement-timeout = 2h
-- migrate: allow column-type: the table is empty
-- migrate: allow other-rule : because`);
  expect(migration?.directives).toEqual({
    noTransaction: true,
    autoCommit: false,
    replayable: true,
    breaking: true,
    ddlLockTimeout: 500,
    statementTimeout: 7_200_000,
    allow: new Map([
      ['column-type', 'the table is empty'],
      ['other-rule', 'because'],
    ]),
  });
});

test('in Cypher behind its own comments', () => {
  const { migration } = parse('// migrate: auto-commit\n// migrate: statement-timeout=0s', '001_a.cypher');
  expect(migration?.directives).toMatchObject({ autoCommit: true, statementTimeout: 0 });
});

describe('what is wrong is told', () => {
  test.each([
    ['no-transactions', 'there is no directive no-transactions', 'did you mean no-transaction?'],
    ['replayabel', 'there is no directive replayabel', 'did you mean replayable?'],
    // LOCK_TIMEOUT is about another lock than DDL_LOCK_TIMEOUT, which the directive overrides.
    ['lock-timeout=5s', 'there is no directive lock-timeout', 'did you mean ddl-lock-timeout?'],
    ['constructor', 'there is no directive constructor', 'there are no-transaction, auto-commit'],
    ['', 'a directive has no name', 'there are'],
    ['auto-commit', 'for Cypher files, and this is a SQL file', 'take it out'],
    ['breaking, replayable', 'there is no directive breaking,', 'did you mean breaking?'],
    ['breaking replayable', 'breaking takes nothing after it', 'one directive a line'],
    ['ddl-lock-timeout', 'ddl-lock-timeout needs a duration', 'ddl-lock-timeout=5s'],
    ['ddl-lock-timeout=5', 'ddl-lock-timeout needs a duration', 'ddl-lock-timeout=5s'],
    ['ddl-lock-timeout 5s', 'ddl-lock-timeout needs a duration', 'ddl-lock-timeout=5s'],
    ['ddl-lock-timeout=0s', 'would wait without limit', 'seconds'],
    ['statement-timeout=600h', 'longer than 24 days', 'shorter'],
    ['allow column-type', 'needs a rule and a reason', 'allow <rule>: <reason>'],
    ['allow column-type:', 'needs a rule and a reason', 'allow <rule>: <reason>'],
    ['allow: reason', 'needs a rule and a reason', 'allow <rule>: <reason>'],
  ])('migrate: %s', (directive, message, hint) => {
    const { problems } = parse(`-- first\n-- migrate: ${directive}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.hint).toContain(hint);
    expect(problems[0]?.place?.line).toBe(2);
    if (directive !== '') expect(problems[0]?.place?.column).toBe(13);
  });

  test('no-transaction is for SQL alone', () => {
    const { problems } = parse('// migrate: no-transaction', '001_a.cypher');
    expect(problems[0]?.message).toContain('for SQL files, and this is a Cypher file');
  });

  test.each([
    ['-- migrate: breaking\n-- migrate: breaking', 'breaking stands here a second time'],
    ['-- migrate: ddl-lock-timeout=5s\n-- migrate: ddl-lock-timeout=6s', 'ddl-lock-timeout stands here a second time'],
    ['-- migrate: allow a: b\n-- migrate: allow a: c', 'allow a stands here a second time'],
  ])('%s', (header, message) => expect(parse(header).problems[0]?.message).toContain(message));

  test('a directive below the first statement has no effect, and is refused', () => {
    const { problems } = parse('SELECT 0; -- migrate: breaking');
    expect(problems[0]).toMatchObject({
      message: 'this directive stands below the first statement, where it has no effect',
      place: { line: 1, column: 23 },
    });
  });

  test('but not one in a string', () => {
    expect(parse("SELECT '\n-- migrate: breaking\n';").problems).toEqual([]);
  });
});
