import { expect, test } from 'vitest';
import { lint } from '../../src/analysis/lint/lint.ts';
import { findingsOf, rulesBroken, sql } from './files.ts';

const NOTES = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';
const allowing = (...rules: readonly string[]) =>
  rules.map((rule) => `-- migrate: allow ${rule}: it is meant\n`).join('');

test('an exception is for its rule and its file', async () => {
  const text = `${allowing('drop-table')}DROP TABLE notes CASCADE;`;
  expect(await rulesBroken(sql(NOTES, text))).toEqual(['drop-cascade']);
  const found = await lint(sql(NOTES, text, 'DROP TABLE others;'), new Set(['002_a.sql', '003_a.sql']));
  expect(found.filter(({ rule }) => rule === 'drop-table').map(({ place }) => place.file)).toEqual(['003_a.sql']);
});

test('an unknown rule is an error, at its name, with the one that was probably meant', async () => {
  const [finding] = (await findingsOf(sql(`-- äh\n${allowing('drop-tabel', 'nothing-like-it')}${NOTES}`))).filter(
    ({ rule }) => rule === 'unknown-rule',
  );
  expect(finding).toMatchObject({
    level: 'error',
    message: 'there is no rule drop-tabel; did you mean drop-table?',
    place: { line: 2, column: 19 },
  });
});

test('an error of the linter itself is no matter of taste', async () => {
  expect(await rulesBroken(sql(`${allowing('unknown-rule', 'no-rule')}${NOTES}`))).toEqual([
    'unknown-rule',
    'unused-allow',
  ]);
});

test('an exception that the file does not need is found', async () => {
  const [finding] = (await findingsOf(sql(`${allowing('truncate')}${NOTES}`))).filter(
    ({ rule }) => rule === 'unused-allow',
  );
  expect(finding).toMatchObject({ message: 'nothing in this file breaks truncate', place: { line: 1, column: 19 } });
});

test('whether it is needed does not depend on what is pending', async () => {
  const files = sql(NOTES, `${allowing('index-blocks-writes', 'missing-rollback')}CREATE INDEX ON notes (title);`);
  for (const pending of [undefined, new Set(['002_a.sql'])])
    expect((await lint(files, pending)).filter(({ place }) => place.file === '002_a.sql')).toEqual([]);
});

test('syntax that only a newer server knows can be allowed', async () => {
  const text = `${allowing('syntax')}CREATE SOMETHING NEW;`;
  expect(await rulesBroken(sql(text))).toEqual([]);
});
