import { expect, test } from 'vitest';
import { freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';

test('a large file arrives as it is, and an error in it is found at its place', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  // Characters of 1, 2, 3 and 4 bytes, so that the pieces in which it is sent are cut between surrogates as well.
  const text = 'aä€😀'.repeat(1_200_000);
  const file = `CREATE TABLE large (t text);\nINSERT INTO large VALUES ('${text}');\n`;
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf({ '001_large.sql': file }) };
  const { code, stderr } = await run(['postgres'], { env });
  expect(code, stderr).toBe(0);
  const [found] = await postgres.query<{ same: boolean; checksum: string }>(
    "SELECT t = repeat('aä€😀', 1200000) AS same FROM large",
  );
  expect(found).toEqual({ same: true });
  const again = await run(['postgres'], { env });
  expect([again.code, again.events.at(-1)]).toEqual([0, expect.objectContaining({ event: 'up-to-date' })]);

  const wrong = await directoryOf({
    '001_large.sql': file,
    '002_wrong.sql': `${file.replace('CREATE TABLE', '--')}SELEC 1;\n`,
  });
  const failed = await run(['postgres'], { env: { ...env, MIGRATIONS_DIR: wrong } });
  expect([failed.code, failed.events.at(-1)]).toEqual([70, expect.objectContaining({ line: 3, column: 1 })]);
});

test('a dozen large files leave nothing behind on their connection', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const comment = '-'.repeat(5 << 20);
  const files = Array.from({ length: 12 }, (_, n) => [
    `${String(n + 1).padStart(3, '0')}_large.sql`,
    `CREATE TABLE large_${n} (i int); ${comment}\n`,
  ]);
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(Object.fromEntries(files)) };
  const { code, stderr, events } = await run(['postgres'], { env });
  expect(code, stderr).toBe(0);
  expect(stderr).not.toContain('MaxListenersExceededWarning');
  expect(events.filter(({ event }) => event === 'warning')).toEqual([]);
});
