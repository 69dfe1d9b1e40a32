import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import { freshPair, freshPostgres, postgresEnv } from './pair.ts';

/** One number, two files: the history has the old one, the directory the new one. */
const NEW = {
  '001_new.sql': '-- migrate: replayable\nCREATE TABLE IF NOT EXISTS a (i int, j int);\n',
  '002_new.cypher': 'CREATE (:New);\n',
};
const OLD = { '001_old.sql': 'CREATE TABLE a (i int);\n', '002_old.cypher': 'CREATE (:Old);\n' };

describe('a number that the history has under another name', () => {
  test('no repair and no baseline changes the entry of the other file', async () => {
    const { postgres, neo4j, env } = await freshPair({ extensions: [] });
    expect((await run(['migrate'], { env: { ...env, MIGRATIONS_DIR: await directoryOf(OLD) } })).code).toBe(0);
    const rows = () =>
      Promise.all([
        postgres.query('SELECT * FROM migrations ORDER BY id'),
        neo4j.run('MATCH (m:`_Migration`) RETURN properties(m) AS entry, COUNT { (m)--() } AS links'),
      ]);
    const before = await rows();
    const renamed = { ...env, MIGRATIONS_DIR: await directoryOf(NEW) };
    for (const database of ['postgres', 'neo4j'] as const) {
      const number = database === 'postgres' ? '1' : '2';
      for (const args of [
        ['repair', '--rechecksum', number, '--yes'],
        ['repair', '--mark-applied', number, '--yes'],
        ['repair', '--reapply', number, '--yes'],
        ['baseline', '--to', '2'],
      ]) {
        const { code, stderr } = await run([database, ...args], { env: renamed });
        expect(code, `${database} ${args}`).toBe(65);
        expect(stderr).toMatch(/number \d is 00\d_old\.(?:sql|cypher) in the \w+ history, and 00\d_new/);
        expect(stderr).toContain(`repair --forget ${number}`);
      }
    }
    expect(await rows()).toEqual(before);

    // The way that the hint describes.
    for (const number of ['1', '2']) {
      expect((await run(['repair', '--forget', number, '--yes'], { env: renamed })).code).toBe(0);
      expect((await run(['repair', '--mark-applied', number, '--yes'], { env: renamed })).code).toBe(0);
    }
    expect((await run(['migrate'], { env: renamed })).code).toBe(0);
  });

  test('unfinished: --resume does not take the steps of the other file', async () => {
    const { postgres, neo4j, env } = await freshPair({ extensions: [] });
    const stopping = {
      '001_old.sql': '-- migrate: no-transaction\nCREATE TABLE a (i int);\nSELECT 1/0;\n',
      '002_old.cypher': OLD['002_old.cypher'],
    };
    const old = { ...env, MIGRATIONS_DIR: await directoryOf(stopping) };
    expect((await run(['postgres', 'migrate'], { env: old })).code).toBe(70);
    expect((await run(['neo4j', 'migrate'], { env: old })).code).toBe(0);
    await neo4j.run("MATCH (m:`_Migration`) SET m.state = 'started', m.stepsDone = 0");
    const renamed = { ...env, MIGRATIONS_DIR: await directoryOf(NEW) };
    for (const [database, number] of [
      ['postgres', '1'],
      ['neo4j', '2'],
    ] as const)
      for (const resume of [['--resume'], ['--resume', number]]) {
        const { code, stderr } = await run([database, 'repair', ...resume, '--yes'], { env: renamed });
        expect(code).toBe(65);
        expect(stderr).toContain(`number ${number} is 00${number}_old`);
      }
    expect(await postgres.query('SELECT filename, state FROM migrations')).toEqual([
      { filename: '001_old.sql', state: 'started' },
    ]);
  });
});

describe('repair and baseline while another transaction uses the history', () => {
  /** A history of the earlier tool, which lacks our columns, and a reader in an open transaction. */
  async function read() {
    const postgres = await freshPostgres({ extensions: [] });
    await postgres.query(
      `CREATE TABLE migrations (id serial PRIMARY KEY, filename varchar(255) NOT NULL UNIQUE, applied_at timestamptz DEFAULT now());
       INSERT INTO migrations (filename) VALUES ('001_a.sql')`,
    );
    const reader = new pg.Client({ connectionString: postgres.url, application_name: 'the application' });
    reader.on('error', () => {});
    await reader.connect();
    onTestFinished(() => reader.end());
    await reader.query('BEGIN; SELECT * FROM migrations');
    const files = { '001_a.sql': 'CREATE TABLE a ();', '002_b.sql': 'CREATE TABLE b ();' };
    const env = { ...postgresEnv(postgres), MIGRATIONS_DIR: await directoryOf(files), DDL_LOCK_TIMEOUT: '2s' };
    return { postgres, reader, env };
  }

  test('they try again until it is over', async () => {
    const { postgres, reader, env } = await read();
    const baseline = start(['postgres', 'baseline', '--to', '2'], { env });
    const retrying = await baseline.event('retrying');
    expect(retrying.blockers).toEqual([expect.objectContaining({ application: 'the application' })]);
    // Between the tries readers are not in a queue.
    expect(await postgres.query('SELECT filename FROM migrations')).toHaveLength(1);
    await reader.query('COMMIT');
    const { code, stderr } = await baseline.ended;
    expect(code, stderr).toBe(0);
    expect(await postgres.query("SELECT filename FROM migrations WHERE state = 'baseline'")).toEqual([
      { filename: '002_b.sql' },
    ]);
  });

  test('they end with 75 and the blocker, and change nothing', async () => {
    const { postgres, env } = await read();
    const limited = { ...env, DDL_LOCK_RETRY_FOR: '1s' };
    const { code, stderr } = await run(['postgres', 'repair', '--forget', '1', '--yes'], { env: limited });
    expect(code, stderr).toBe(75);
    expect(stderr).toContain('the application');
    expect(await postgres.query('SELECT * FROM migrations')).toHaveLength(1);
  });
});
