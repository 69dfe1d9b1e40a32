import { test } from 'vitest';
import { expectRefusal, type Told } from '../refusal.ts';
import { CYPHER, FINE, SQL, validate } from './validate.ts';

test.each<[what: string, sql: string | Uint8Array, told: Told]>([
  [
    'a directive that there is none of',
    `-- migrate: no-transactions\n${FINE}`,
    { says: 'there is no directive no-transactions', hint: 'did you mean no-transaction?', at: `${SQL}:1:13` },
  ],
  [
    'a directive like nothing',
    `-- migrate: parallel\n${FINE}`,
    {
      says: 'there is no directive parallel',
      hint: 'there are no-transaction, auto-commit, replayable, breaking',
      at: `${SQL}:1:13`,
    },
  ],
  [
    'a directive below a statement',
    `${FINE}-- migrate: breaking\nSELECT 1;`,
    {
      says: 'this directive stands below the first statement, where it has no effect',
      hint: 'move it to the top of the file',
      at: `${SQL}:2:13`,
    },
  ],
  [
    'a directive of Cypher',
    `-- migrate: auto-commit\n${FINE}`,
    { says: 'the directive auto-commit is for Cypher files, and this is a SQL file', at: `${SQL}:1:13` },
  ],
  [
    'a directive without its duration',
    `-- migrate: ddl-lock-timeout\n${FINE}`,
    { says: 'the directive ddl-lock-timeout needs a duration', hint: 'write ddl-lock-timeout=5s', at: `${SQL}:1:13` },
  ],
])('%s', async (_, sql, told) => {
  expectRefusal(await validate({ [SQL]: sql }), { kind: 'source', ...told });
});

test.each<[what: string, cypher: string | Uint8Array, told: Told]>([
  [
    'a directive of SQL',
    '// migrate: no-transaction\nCREATE (:A);',
    { says: 'the directive no-transaction is for SQL files, and this is a Cypher file', at: `${CYPHER}:1:13` },
  ],
])('%s', async (_, cypher, told) => {
  expectRefusal(await validate({ [CYPHER]: cypher }), { kind: 'source', ...told });
});
