import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseArguments } from '../../src/cli.ts';
import { COMMANDS } from '../../src/commands/commands.ts';
import { completion } from '../../src/completion/completion.ts';
import { run } from '../program.ts';
import { installed, offers } from './shells.ts';

// One table for the three shells: the line, and what TAB offers behind it.

const NAMES = COMMANDS.map(({ name }) => name);
const TABLE: Readonly<Record<string, readonly string[]>> = {
  'localrag-migrate ': ['postgres', 'neo4j', ...NAMES],
  'localrag-migrate neo4j ': NAMES,
  'localrag-migrate sta': ['status'],
  'localrag-migrate postgres migr': ['migrate', 'migrate-manual'],
  'localrag-migrate postgres neo': [],
  'localrag-migrate --t': ['--tenant', '--tenant-index', '--to'],
  'localrag-migrate postgres status --t': ['--tenant', '--tenant-index'],
  'localrag-migrate validate --t': [],
  'localrag-migrate --vers': ['--version'],
  'localrag-migrate status --e': ['--exit-code'],
  'localrag-migrate plan --u': ['--uri', '--user'],
  'localrag-migrate postgres plan --u': ['--user'],
  'localrag-migrate neo4j plan --ss': [],
  'localrag-migrate plan --sslmode ver': ['verify-ca', 'verify-full'],
  'localrag-migrate plan --sslmode=ver': ['verify-ca', 'verify-full'],
  'localrag-migrate --log-format ': ['auto', 'json', 'text'],
  'localrag-migrate --log-level=d': ['debug'],
  'localrag-migrate --lock-timeout 5s --dry': ['--dry-run'],
  // Flags without a command are those of migrate, behind which no command comes.
  'localrag-migrate --lock-timeout 5s sta': [],
  'localrag-migrate --host status --exit': [],
  'localrag-migrate rollback-plan --to ': ['1', '2', '10'],
  'localrag-migrate repair --resume 1': ['1', '10'],
  'localrag-migrate repair --resume --y': ['--yes'],
  'localrag-migrate validate --migrations-dir so': ['some-directory'],
  'localrag-migrate completion ': ['bash', 'fish', 'zsh'],
  'localrag-migrate completion f': ['fish'],
  'localrag-migrate create new_table --c': ['--cypher'],
};

async function home(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'shell-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'some-directory'));
  for (const [name, files] of Object.entries({
    "it's": ['001_a.sql', '002_b.cypher', '010_c.sql', '011_notes.md', '12x_d.sql'],
    others: ['007_a.sql'],
  })) {
    await mkdir(join(directory, name));
    for (const file of files) await writeFile(join(directory, name, file), '');
  }
  return directory;
}

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  test('completes commands, flags, values and the numbers of migrations', async ({ skip }) => {
    const missing = await installed(shell).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (missing !== undefined) {
      console.warn(`Completion is not tested in ${shell}: ${missing}`);
      skip(missing);
    }
    const directory = await home();
    const { code, stdout } = await run(['completion', shell, '--migrations-dir', join(directory, "it's")]);
    expect(code).toBe(0);
    const last = 'localrag-migrate baseline --to ';
    const lines = [...Object.keys(TABLE), `export MIGRATIONS_DIR=${directory}/others`, last];
    const found = await offers(shell, stdout, lines, directory);
    const expected = { ...TABLE, [last]: ['7'] };
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([line, words]) => [line, [...words].sort()])),
    );
  });
});

test('every command has the flags that its --help lists, in each scope', async () => {
  const lines = ['', 'postgres ', 'neo4j '].flatMap((scope) =>
    NAMES.map((name) => `localrag-migrate ${scope}${name} --`),
  );
  const found = await offers(
    'bash',
    [completion('bash', COMMANDS, '/nowhere').text].flat().join('\n'),
    lines,
    await home(),
  );
  for (const line of lines) {
    const help = parseArguments([...line.split(' ').slice(1, -1), '--help'], '0');
    const listed = 'text' in help ? [...help.text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag) : [];
    expect(found.get(line), line).toEqual(listed.sort());
  }
});

test('a shell that is not known is refused', async () => {
  const { code, stderr } = await run(['completion', 'csh'], { env: { LOG_FORMAT: 'text' } });
  expect(code).toBe(64);
  expect(stderr).toContain('there is no completion for "csh", but for bash, zsh, fish');
});
