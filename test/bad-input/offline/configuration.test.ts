import { expect, test } from 'vitest';
import { attempt, expectRefusal } from '../refusal.ts';
import { expectProblems, NEO4J, NO_NEO4J, NO_POSTGRES, POSTGRES, URL_OF_NOBODY } from './configuring.ts';

test('nothing at all: everything that is missing is named, and how to leave a database out', () =>
  expectProblems('migrate', {}, [NO_POSTGRES, NO_NEO4J]));

test('Neo4j is not left out in silence, whatever the command', async () => {
  const commands = [
    'status',
    'plan',
    'verify',
    'wait',
    'health',
    'rollback-plan',
    'baseline --to 5',
    'repair --resume',
  ];
  await Promise.all(commands.map((command) => expectProblems(command, POSTGRES, [NO_NEO4J])));
});

test('NEO4J_URI alone is missing', () =>
  expectProblems('migrate', { ...POSTGRES, NEO4J_PASSWORD: 'battery-staple' }, [
    {
      says: 'Neo4j is not configured: NEO4J_URI is not set',
      hint: 'leave Neo4j out: `localrag-migrate postgres …`',
    },
  ]));

test('in the scope of one database nobody speaks of the other', async () => {
  await expectProblems('postgres status', NEO4J, [{ says: NO_POSTGRES.says }]);
  await expectProblems('neo4j status', POSTGRES, [{ says: NO_NEO4J.says }]);
});

test('everything that is wrong is told at once', () =>
  expectProblems(
    'migrate --lock-timeout soon --migrations-dir=',
    { ...POSTGRES, POSTGRES_PORT: 'five', NEO4J_URI: 'graph', WAIT_TIMEOUT: 'long', STATEMENT_TIMEOUT: '-1s' },
    [
      { says: '--migrations-dir is empty', hint: 'give it a value, or leave the flag out' },
      { says: 'POSTGRES_PORT is not a port' },
      { says: 'NEO4J_URI does not begin with' },
      { says: 'Neo4j is not configured: NEO4J_PASSWORD is not set', hint: 'localrag-migrate postgres …' },
      { says: 'WAIT_TIMEOUT is not a duration' },
      { says: '--lock-timeout is not a duration such as 500ms, 90s, 5m or 2h: "soon"' },
      { says: 'STATEMENT_TIMEOUT is not a duration' },
    ],
  ));

test('migrate-manual without a password and without anybody to type one', async () => {
  const ended = await attempt(['migrate-manual', '--host', '127.0.0.1'], { env: { DATABASE_URL: URL_OF_NOBODY } });
  expectRefusal(ended, {
    kind: 'config',
    says: 'no password, and nobody is there to type one',
    hint: 'set POSTGRES_PASSWORD, or give it on standard input with --password-stdin',
  });
});

test('migrate-manual tells of a wrong flag before it wants a password', async () => {
  const ended = await attempt(['migrate-manual', '--port', 'five']);
  expectRefusal(ended, { kind: 'config', says: 'one problem', problems: [{ says: '--port is not a port' }] });
});

test('a program that reads answers in JSON gets the error there', async () => {
  const { code, stdout } = await attempt(['status', '--json'], { env: POSTGRES });
  expect(code).toBe(78);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 78, name: 'config', problems: [{ message: NO_NEO4J.says }] },
  });
});

test('a termination message that cannot be written changes nothing else', async () => {
  const { code, stderr } = await attempt(['migrate'], { env: { TERMINATION_LOG: '/nowhere/log' } });
  expect(code).toBe(78);
  expect(stderr).toContain('warning: cannot write the termination message to /nowhere/log: ');
});
