import { describe, expect, test } from 'vitest';
import { rulesBroken, sql } from './files.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';
const AUTHORS = 'CREATE TABLE authors (id bigint PRIMARY KEY);';
const REQUIRED = 'ALTER TABLE notes ADD COLUMN language text NOT NULL;';
const BARE = '-- migrate: no-transaction\n';

const broken = async (text: string) => rulesBroken(sql(NOTES, AUTHORS, text));

describe('a table that the file itself has emptied has no rows', () => {
  test.each([
    ['DELETE FROM notes;'],
    ['DELETE FROM public.notes WHERE true;'],
    ['TRUNCATE authors, notes;'],
    ['WITH gone AS (DELETE FROM notes RETURNING id) SELECT count(*) FROM gone;'],
    ['DELETE FROM notes;\nINSERT INTO authors VALUES (1);'],
    ['DELETE FROM notes;\nEXPLAIN INSERT INTO notes VALUES (1);'],
  ])('%s', async (text) => {
    expect(await broken(`${text}\n${REQUIRED}`)).not.toContain('required-column-without-default');
    const others = `${text}\nALTER TABLE notes ALTER title SET NOT NULL, ADD CHECK (id > 0);`;
    expect((await broken(others)).filter((rule) => /^(not-null|check)/.test(rule))).toEqual([]);
  });

  test.each([
    ['DELETE FROM authors;'],
    ["DELETE FROM notes WHERE title = '';"],
    ['DELETE FROM notes USING authors WHERE notes.id = authors.id;'],
    ['DELETE FROM ONLY notes;'],
    ['EXPLAIN DELETE FROM notes;'],
    ["DELETE FROM notes;\nINSERT INTO notes VALUES (1, 'a');"],
    ['TRUNCATE notes;\nINSERT INTO public.notes (id) SELECT id FROM authors;'],
    ["TRUNCATE notes;\nCOPY notes FROM '/tmp/x';"],
    [
      'TRUNCATE notes;\nMERGE INTO notes USING authors a ON a.id = notes.id WHEN NOT MATCHED THEN INSERT VALUES (a.id);',
    ],
    ['TRUNCATE notes;\nDO $$ BEGIN PERFORM fill_notes(); END $$;'],
    ['CREATE RULE r AS ON DELETE TO authors DO ALSO DELETE FROM notes;'],
  ])('it may have some: %s', async (text) => {
    expect(await broken(`${text}\n${REQUIRED}`)).toContain('required-column-without-default');
  });

  test('others insert between two transactions', async () => {
    expect(await broken(`${BARE}DELETE FROM notes;\n${REQUIRED}`)).toContain('required-column-without-default');
  });
});

describe('lock_timeout', () => {
  test.each([
    ['SET lock_timeout = 0;'],
    ['SET lock_timeout TO 0;'],
    ["SET SESSION Lock_Timeout = '0';"],
    ["SET LOCAL lock_timeout TO '0ms';"],
    ["SET lock_timeout = '0 s';"],
    ['SET lock_timeout TO DEFAULT;'],
    ['SET lock_timeout = DEFAULT;'],
    ['RESET lock_timeout;'],
    ['RESET ALL;'],
    ["SELECT set_config('lock_timeout', '0', false);"],
    ["SELECT 1, pg_catalog.set_config('LOCK_TIMEOUT', '0min'::text, true);"],
    ["SET lock_timeout = '10min';"],
    ['SET lock_timeout = 3600000;'],
    ["-- migrate: ddl-lock-timeout=2s\nSET lock_timeout = '5s';"],
    ['-- migrate: ddl-lock-timeout=2s\nSET lock_timeout = 2500.5;'],
  ])('lifted: %s', async (text) => {
    expect(await broken(`${text}\nALTER TABLE notes ADD COLUMN language text;`)).toEqual(['lock-timeout-lifted']);
  });

  test.each([
    ["SET lock_timeout = '5s';"],
    ["SET lock_timeout TO '900ms';"],
    ["-- migrate: ddl-lock-timeout=10min\nSET lock_timeout = '5s';".replace('10min', '10m')],
    ['SET statement_timeout = 0;'],
    ['RESET work_mem;'],
    ["SELECT set_config('statement_timeout', '0', false);"],
    ["SELECT current_setting('lock_timeout');"],
    ["CREATE FUNCTION f() RETURNS void LANGUAGE sql SET lock_timeout = 0 AS 'SELECT 1';"],
  ])('kept: %s', async (text) => expect(await broken(text)).toEqual([]));
});
