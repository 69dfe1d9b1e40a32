import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { directoryOf, run, start } from '../program.ts';
import type { FreshDatabase } from '../servers/databases.ts';
import { onTerminal } from '../terminal.ts';
import { freshPair } from './pair.ts';

function flagsOf({ host, port, database, user }: FreshDatabase): readonly string[] {
  return ['--host', host, '--port', String(port), '--database', database, '--user', user];
}

describe('migrate-manual', () => {
  test('asks for the password on a terminal, shows no character of it, and migrates', async () => {
    const { postgres, neo4j } = await freshPair();
    const { code, screen } = await onTerminal(['migrate-manual', ...flagsOf(postgres)], {
      answers: [['Password: ', `${postgres.password}\r`]],
    });
    expect([code, screen]).toEqual([0, expect.stringContaining('Applied 5 migrations')]);
    for (let length = 3; length <= postgres.password.length; length++)
      expect(screen).not.toContain(postgres.password.slice(0, length));

    const graph = await onTerminal(['neo4j', 'migrate-manual', '--uri', neo4j.uri, '--user', neo4j.user], {
      answers: [['Password: ', `${neo4j.password}\r`]],
    });
    expect([graph.code, graph.screen]).toEqual([0, expect.stringContaining('Applied 1 migration')]);
    expect(graph.screen).not.toContain(neo4j.password);
  });

  test('Ctrl-C at the prompt ends with 130', async () => {
    const { code } = await onTerminal(['migrate-manual', '--database', 'nowhere'], {
      answers: [['Password: ', '\x03']],
    });
    expect(code).toBe(130);
  });

  test('--password-stdin and POSTGRES_PASSWORD; no other environment is read', async () => {
    const { postgres } = await freshPair();
    const flags = flagsOf(postgres);
    const elsewhere = {
      DATABASE_URL: 'postgres://127.0.0.1:1/nowhere',
      POSTGRES_DB: 'nowhere',
      NEO4J_URI: 'bolt://127.0.0.1:1',
    };
    const piped = await run(['migrate-manual', ...flags, '--password-stdin'], {
      env: elsewhere,
      stdin: `${postgres.password}\n`,
    });
    expect([piped.code, piped.stdout]).toEqual([0, expect.stringContaining('Applied 5 migrations')]);
    const again = await run(['migrate-manual', ...flags], {
      env: { ...elsewhere, POSTGRES_PASSWORD: postgres.password },
    });
    expect(again.stdout).toBe('Nothing to do: every migration is applied.\n');
    const nobody = await run(['migrate-manual', ...flags]);
    expect(nobody.code).toBe(78);
    expect(nobody.stderr).toContain('--password-stdin');
  });

  test('the password stands in no argument list while it runs', async () => {
    const { postgres } = await freshPair();
    const directory = await directoryOf({ '001_long.sql': 'SELECT pg_sleep(3600);\n' });
    const flags = [...flagsOf(postgres), '--migrations-dir', directory, '--log-format', 'json', '--password-stdin'];
    const running = start(['migrate-manual', ...flags], { stdin: postgres.password });
    await running.event('started');
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
    expect(stdout).toContain(directory);
    expect(stdout).not.toContain(postgres.password);
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
  });
});
