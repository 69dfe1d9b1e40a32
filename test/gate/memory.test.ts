import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { freshPair, freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, start } from '../program.ts';

/** Bytes that the program may hold beside twice the file: its own start takes most of them. */
const MOST = 80 << 20;

test.each([
  [
    'a function for each of 2 million rows',
    'CREATE FUNCTION f(i int) RETURNS text IMMUTABLE LANGUAGE sql RETURN i::text; SELECT f(i) FROM generate_series(1, 2000000) i;',
  ],
  [
    'the rows that an UPDATE returns',
    'CREATE TABLE t AS SELECT i, repeat($$x$$, 40) AS t FROM generate_series(1, 1000000) i; UPDATE t SET i = i + 1 RETURNING *;',
  ],
])('%s are dropped as they arrive', async (_, sql) => {
  const postgres = await freshPostgres({ extensions: [] });
  const files = {
    '001_rows.sql': `${sql}\n`,
    '002_steps.sql': `-- migrate: no-transaction\n${sql.replace(/^.*?; /, '').replaceAll(' f(i)', ' i')}\n`,
  };
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(files) };
  const { code, stderr, peak } = await measured(['postgres', 'migrate'], env);
  expect(code, stderr).toBe(0);
  expect(peak).toBeGreaterThan(20 << 20);
  expect(peak).toBeLessThan(MOST + 2 * Object.values(files).join('').length);
});

/** Bytes that a command may hold which reads statements with PostgreSQL's parser, in a container with a limit of 128 MiB. */
const PARSING = 120 << 20;

/** As a project has them after some years. */
const FILES = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [
    `${String(n + 1).padStart(3, '0')}_feature.sql`,
    [
      `CREATE TABLE feature_${n} (id bigint PRIMARY KEY, title text NOT NULL, größe int CHECK (größe >= 0), made_at timestamptz DEFAULT now());`,
      `CREATE INDEX feature_${n}_title_idx ON feature_${n} (lower(title)) WHERE title <> '';`,
      `ALTER TABLE feature_${n} ADD COLUMN token uuid DEFAULT gen_random_uuid(), ALTER COLUMN title TYPE varchar(200);`,
      `INSERT INTO feature_${n} (id, title) SELECT i, i::text FROM generate_series(1, 10) i;`,
      `CREATE VIEW feature_${n}_titles AS SELECT id, title FROM feature_${n} ORDER BY made_at DESC;`,
      `UPDATE feature_${n} SET title = trim(title) WHERE title <> trim(title);`,
      '',
      '-- Rollback:',
      `-- DROP TABLE feature_${n};`,
      '',
    ].join('\n'),
  ]),
);

describe.each([
  ["the program's own files", undefined],
  ['some hundred files', FILES],
])('in a container with a limit of 128 MiB, with %s,', (_, files) => {
  test.each([
    ['validate', ['validate']],
    ['validate --json', ['validate', '--json']],
    ['plan without a database', ['plan', '--offline']],
    ['plan', ['plan']],
    ['migrate --dry-run', ['migrate', '--dry-run']],
  ])('%s fits', async (_name, args) => {
    const { env } = await freshPair();
    const MIGRATIONS_DIR = files && (await directoryOf(files));
    const { code, stderr, peak } = await measured(args, { ...env, ...(MIGRATIONS_DIR && { MIGRATIONS_DIR }) });
    expect(code, stderr).toBe(0);
    expect(peak).toBeGreaterThan(40 << 20);
    expect(peak).toBeLessThan(PARSING);
  });
});

/** Runs the program and looks at the most memory that it has held, as a limit on a container counts it. */
async function measured(args: readonly string[], env: Readonly<Record<string, string>>) {
  const running = start(args, { env });
  let peak = 0;
  const { pid } = running.process;
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
  }, 20);
  const ended = await running.ended;
  clearInterval(look);
  return { ...ended, peak };
}
