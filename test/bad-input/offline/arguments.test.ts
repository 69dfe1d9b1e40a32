import { expect, test } from 'vitest';
import { directoryOf } from '../../program.ts';
import { attempt, expectRefusal } from '../refusal.ts';

/** Nobody listens there: a command line that is wrong is told before anybody connects. */
const CONFIGURED = {
  DATABASE_URL: 'postgresql://app:correct-horse@127.0.0.1:1/localrag',
  NEO4J_URI: 'bolt://127.0.0.1:1',
  NEO4J_PASSWORD: 'battery-staple',
  WAIT_TIMEOUT: '1s',
};
const HELP = 'localrag-migrate --help lists the commands';

test.each<[commandLine: string, says: string | RegExp, hint: string]>([
  ['frobnicate', "unknown command 'frobnicate'", HELP],
  ['migrat', /unknown command 'migrat'.*Did you mean migrate\?/, HELP],
  ['postgres frobnicate', "unknown command 'frobnicate'", HELP],
  ['neo4 status', "unknown command 'neo4'", HELP],
  ['migrate --frobnicate', "unknown option '--frobnicate'", HELP],
  ['--dry-rum', /unknown option '--dry-rum'.*Did you mean --dry-run\?/, HELP],
  ['status --yes', "unknown option '--yes'", HELP],
  ['postgres migrate --uri bolt://graph.example', "unknown option '--uri'", HELP],
  ['migrate now', 'too many arguments', HELP],
  ['create', "missing required argument 'name'", HELP],
  ['migrate --to', "option '--to <N>' argument missing", HELP],
  ['migrate --to=', '--to takes the number of a migration', '--to 5'],
  ['migrate --to five', '--to takes the number of a migration, not "five"', '--to 5'],
  ['migrate --to -5', '--to takes the number of a migration, not "-5"', '--to 5'],
  ['migrate --to 1e3', '--to takes the number of a migration, not "1e3"', '--to 5'],
  ['rollback-plan --to latest', '--to takes the number of a migration, not "latest"', '--to 5'],
  ['baseline', 'baseline needs --to N', 'localrag-migrate baseline --to 5'],
  ['repair', 'repair needs an option that says what to do', '--forget N, --mark-applied N, --rechecksum N, --resume'],
  ['repair --forget', "option '--forget <N>' argument missing", HELP],
  ['repair --forget all', '--forget takes the number of a migration, not "all"', '--forget 5'],
  ['repair --mark-applied x --yes', '--mark-applied takes the number of a migration, not "x"', '--mark-applied 5'],
])('%s', async (commandLine, says, hint) => {
  const ended = await attempt(commandLine.split(' '), { env: CONFIGURED });
  expectRefusal(ended, { kind: 'usage', says, hint });
  expect(ended.stdout).toBe('');
});

test('a name that cannot be part of a file name comes back as one that can', async () => {
  const directory = await directoryOf({});
  const ended = await attempt(['create', 'Add Users!', '--migrations-dir', directory]);
  expectRefusal(ended, { kind: 'usage', says: 'a migration cannot be named "Add Users!"', hint: 'write add_users' });
});

test.each([['--password=correct-horse'], ['--password', 'correct-horse']])(
  'there is no flag for a password, and the one given is not repeated: %s',
  async (...password) => {
    const ended = await attempt(['migrate-manual', ...password], { secrets: ['correct-horse'] });
    expectRefusal(ended, { kind: 'usage', says: "unknown option '--password", hint: HELP });
  },
);

test('a program that reads the log finds the same in it', async () => {
  const { code, events, stderr } = await attempt(['frobnicate'], { env: { LOG_FORMAT: 'json' } });
  expect(code).toBe(64);
  expect(events).toMatchObject([{ event: 'error', level: 'error', code: 64, name: 'usage', hint: expect.any(String) }]);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
