// OASIS's own schema; a package of Microsoft's carries it.
import SCHEMA from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import Ajv from 'ajv-draft-04';
import { expect, test } from 'vitest';
import { lint } from '../../src/analysis/lint/lint.ts';
import { RULES } from '../../src/analysis/lint/rules.ts';
import { sarif } from '../../src/analysis/lint/sarif.ts';
import { sql } from './files.ts';

const validate = new Ajv.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(SCHEMA);

const findings = await lint(sql('CREATE TABLE notes (id bigint, /* 😀 */ it json);\nDROP TABLE others;'));

test('what is printed is valid SARIF 2.1.0', () => {
  validate(sarif(findings, 'migrations'));
  expect(validate.errors).toBeNull();
  validate({ ...sarif(findings, 'migrations'), version: '2.0.0' });
  expect(validate.errors).not.toBeNull();
});

test('each finding is a result, with its rule and its place', () => {
  const log = sarif(findings, './migrations/') as { runs: { results: object[] }[] };
  expect(log.runs[0]?.results).toMatchObject([
    { ruleId: 'missing-rollback', level: 'warning' },
    {
      ruleId: 'json-column',
      ruleIndex: RULES.findIndex(({ id }) => id === 'json-column'),
      message: { text: 'the column it can be neither compared nor indexed. jsonb.' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'migrations/001_a.sql' },
            region: { startLine: 1, startColumn: 43 },
          },
        },
      ],
    },
    { ruleId: 'drop-table' },
  ]);
});

test.each([
  ['', '001_a.sql'],
  ['db/migrations', 'db/migrations/001_a.sql'],
  ['.', '001_a.sql'],
  ['/my db', '/my%20db/001_a.sql'],
])('in the directory %j a file is %s', (directory, uri) => {
  expect(JSON.stringify(sarif(findings, directory))).toContain(`{"uri":"${uri}"}`);
});
