import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { freshPostgres, postgresEnv } from '../journeys/pair.ts';
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
  const running = start(['postgres', 'migrate'], { env });
  let peak = 0;
  const { pid } = running.process;
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
  }, 20);
  const ended = await running.ended;
  clearInterval(look);
  expect(ended.code, ended.stderr).toBe(0);
  expect(peak).toBeGreaterThan(20 << 20);
  expect(peak).toBeLessThan(MOST + 2 * Object.values(files).join('').length);
});
