import { describe, expect, test } from 'vitest';
import { directoryOf, run } from '../program.ts';
import { freshPostgres, postgresEnv } from './pair.ts';

const LEDGER = 'CREATE TABLE IF NOT EXISTS ledger (what text);\nINSERT INTO ledger VALUES';

async function prepared(files: Readonly<Record<string, string>>) {
  const postgres = await freshPostgres();
  const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(files) };
  const states = async () =>
    Object.fromEntries(
      (await postgres.query('SELECT filename, state FROM migrations ORDER BY id')).map((row) => [
        row.filename,
        row.state,
      ]),
    );
  return { postgres, env, states };
}

describe('baseline', () => {
  test('records what is there already, and migrate runs the rest', async () => {
    const { postgres, env, states } = await prepared({
      '001_one.sql': `${LEDGER} ('one');\n`,
      '002_two.sql': `${LEDGER} ('two');\n`,
    });
    const baseline = await run(['postgres', 'baseline', '--to', '1'], { env });
    expect(baseline.stdout).toBe('Recorded as present, not run: 001_one.sql.\n');
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    expect(await states()).toEqual({ '001_one.sql': 'baseline', '002_two.sql': 'applied' });
    expect(await postgres.query('SELECT what FROM ledger')).toEqual([{ what: 'two' }]);
    expect((await run(['postgres', 'baseline', '--to', '7'], { env })).code).toBe(65);
    expect((await run(['postgres', 'baseline'], { env })).code).toBe(64);
  });
});

describe('repair', () => {
  test('says what it would do, and changes nothing without an answer', async () => {
    const { env, states } = await prepared({ '001_one.sql': `${LEDGER} ('one');\n` });
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    const asked = await run(['postgres', 'repair', '--forget', '1'], { env });
    expect(asked.code).toBe(64);
    expect(asked.stderr).toContain('take 001_one.sql (applied) out of the postgres history');
    expect(await states()).toEqual({ '001_one.sql': 'applied' });
  });

  test('--forget lets a migration run again, --mark-applied records one that was run by hand', async () => {
    const { postgres, env, states } = await prepared({
      '001_one.sql': `${LEDGER} ('one');\n`,
      '002_two.sql': `${LEDGER} ('two');\n`,
    });
    expect((await run(['postgres', 'migrate', '--to', '1'], { env })).code).toBe(0);
    expect((await run(['postgres', 'repair', '--forget', '1', '--yes'], { env })).code).toBe(0);
    expect(await states()).toEqual({});
    expect((await run(['postgres', 'repair', '--mark-applied', '2', '--yes'], { env })).code).toBe(0);
    const behind = await run(['postgres', 'migrate'], { env });
    expect(behind.code).toBe(65);
    expect(behind.stderr).toContain('--allow-out-of-order');
    expect((await run(['postgres', 'migrate', '--allow-out-of-order'], { env })).code).toBe(0);
    expect(await postgres.query('SELECT what FROM ledger')).toEqual([{ what: 'one' }, { what: 'one' }]);
    expect((await run(['postgres', 'repair', '--forget', '9', '--yes'], { env })).code).toBe(65);
  });

  test('--rechecksum accepts a file that has changed', async () => {
    const { env } = await prepared({ '001_one.sql': `${LEDGER} ('one');\n` });
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    const changed = {
      ...env,
      MIGRATIONS_DIR: await directoryOf({ '001_one.sql': `${LEDGER} ('one'); -- said better\n` }),
    };
    expect((await run(['postgres', 'migrate'], { env: changed })).code).toBe(65);
    expect((await run(['postgres', 'repair', '--rechecksum', '1', '--yes'], { env: changed })).code).toBe(0);
    expect((await run(['postgres', 'migrate'], { env: changed })).code).toBe(0);
  });

  test('--resume lets a step run again that may be half-done', async () => {
    const { postgres, env, states } = await prepared({
      '001_step.sql':
        "-- migrate: no-transaction\nCREATE TABLE IF NOT EXISTS ledger (what text);\nDO $$ BEGIN INSERT INTO ledgre VALUES ('x'); END $$;\n",
    });
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(76);
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(76);
    await postgres.query('CREATE TABLE ledgre (what text)');
    expect((await run(['postgres', 'repair', '--resume', '--yes'], { env })).code).toBe(0);
    expect((await run(['postgres', 'migrate'], { env })).code).toBe(0);
    expect(await states()).toEqual({ '001_step.sql': 'applied' });
    expect(await postgres.query('SELECT what FROM ledgre')).toEqual([{ what: 'x' }]);
    expect((await run(['postgres', 'repair', '--resume', '--yes'], { env })).code).toBe(65);
  });
});
