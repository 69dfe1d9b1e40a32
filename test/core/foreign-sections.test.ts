import { describe, expect, test } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';

const problems = (text: string) => parseMigration('001_a.sql', new TextEncoder().encode(text)).problems;

const UP = 'CREATE TABLE a (id int);';
const DOWN = 'DROP TABLE a;';

describe('a section of another tool that undoes is refused where it begins', () => {
  test.each([
    ['goose', '-- +goose Up', '-- +goose Down'],
    ['goose', '-- +goose Up\n-- +goose StatementBegin', '-- +goose StatementEnd\n\n--+goose down'],
    ['sql-migrate', '-- +migrate Up', '-- +migrate Down notransaction'],
    ['micrate', '-- +micrate Up', '-- +micrate Down'],
    ['another tool', '-- +pressly Up', '-- +pressly Down'],
    ['dbmate', '-- migrate:up', '-- migrate:down'],
    ['dbmate', '-- migrate:up transaction:false', '-- migrate:down transaction:false'],
    ['dbmate', '--migrate:up', '--migrate:down'],
    ['node-pg-migrate', '-- Up Migration', '-- Down Migration'],
    ['tern', '-- a table', '---- create above / drop below ----'],
    ['rambler', '-- rambler up', '-- rambler down'],
    ['Play', '-- !Ups', '-- !Downs'],
    ['MyBatis', '-- // a table', '-- //@UNDO'],
    ['MyBatis', '-- a table', '-- @UNDO'],
    ['another tool', '-- Up', '-- Down'],
    ['another tool', '--up', '--down'],
    ['another tool', '-----------\n-- Up\n-----------', '-----------\n-- Down\n-----------'],
    ['another tool', '-- ==== UP ====', '-- ==== DOWN ===='],
    ['another tool', '-- migration up:', '-- migration down:'],
    ['another tool', '-- upgrade', '-- downgrade'],
  ])('%s: %s … %s', (tool, up, down) => {
    const text = `${up}\n${UP}\n\n${down}\n${DOWN}\n`;
    const [problem, ...more] = problems(text);
    expect(problem?.message).toContain(`a section of ${tool}`);
    expect(problem?.hint).toContain('-- Rollback:');
    const line = text.split('\n').findIndex((each) => /down|undo|drop below/i.test(each)) + 1;
    expect(problem?.place?.line).toBe(line);
    expect(more).toEqual([]);
  });

  test('also above the section that migrates', () => {
    expect(problems(`-- +migrate Down\n${DOWN}\n-- +migrate Up\n${UP}`)[0]?.place?.line).toBe(1);
  });

  test("Play's marks with # in front", () => {
    const [problem] = problems(`${UP}\n# --- !Downs\n${DOWN}`);
    expect(problem).toMatchObject({ message: expect.stringContaining('Play'), place: { line: 2, column: 3 } });
  });

  test('a mark of dbmate without a section that undoes is no directive', () => {
    const [problem, ...more] = problems(`-- migrate:up transaction:false\n${UP}`);
    expect(problem).toMatchObject({ message: 'this is a mark of dbmate and no directive', place: { line: 1 } });
    expect(more).toEqual([]);
  });
});

describe('what looks like it and is allowed', () => {
  test.each([
    ['a section that migrates alone', `-- +goose Up\n${UP}`],
    ['a section without a statement', `-- +goose Up\n${UP}\n-- +goose Down\n-- DROP TABLE a;\n`],
    ['in a string', `${UP}\nINSERT INTO a VALUES ('\n-- +goose Down\n');\nSELECT 1;`],
    ['in a body', `DO $$ BEGIN\n-- +goose Down\nNULL; END $$;\n${UP}`],
    ['in a comment of C', `/*\n-- +goose Down\n*/\n${UP}`],
    ['beside a statement', `CREATE TABLE a (\n  up int, -- Up\n  down int, -- Down\n  id int);\n${UP}`],
    ['Down alone', `${UP}\n-- Down\n${UP}`],
    ['Up below Down', `-- Down\n${UP}\n-- Up\n${UP}`],
    ['a remark', `-- Up to now\n${UP}\n-- down to the last row\n${UP}`],
    ['a remark about it', `-- Down migration is not possible.\n${UP}`],
    ['Liquibase', `--liquibase formatted sql\n--changeset a:1\n${UP}\n--rollback DROP TABLE a;\nSELECT 1;`],
    ['a rollback section', `${UP}\n-- Rollback:\n-- -- +goose Down\n-- DROP TABLE a;`],
  ])('%s', (_, text) => expect(problems(text)).toEqual([]));
});
