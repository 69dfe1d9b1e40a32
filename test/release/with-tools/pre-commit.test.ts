import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT, read } from '../../docs/documents.ts';
import { type Ended, execute } from '../../execute.ts';
import { cached } from '../../servers/cache.ts';
import { run } from '../../servers/command.ts';
import { removeAtExit } from '../../servers/lifetime.ts';
import { SOURCES } from '../package.ts';
import { hasPip } from './prerequisites.ts';

/* The real pre-commit installs the hook from a clone, which builds the program, and runs it on a project. */

const VERSION = '4.7.0';
const COMMIT = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '--message', 'test'];

test('both hooks look at the same files and take the same arguments', () => {
  const hooks = parse(read('.pre-commit-hooks.yaml')) as Record<string, unknown>[];
  const common = hooks.map(({ files, args, pass_filenames }) => ({ files, args, pass_filenames }));
  expect(common).toEqual([common[0], common[0]]);
  expect(hooks.map(({ language }) => language)).toEqual(['node', 'docker_image']);
  expect(String(hooks[1]?.entry).split(' ').slice(1)).toEqual(String(hooks[0]?.entry).split(' ').slice(1));
});

describe.skipIf(!(await hasPip('the hook for pre-commit')))('pre-commit', () => {
  let project: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const work = await mkdtemp(join(tmpdir(), 'localrag-migrate-pre-commit-'));
    removeAtExit(work);
    env = await environment(work);
    const revision = await hookRepository(join(work, 'hooks'));
    project = join(work, 'project');
    await mkdir(join(project, 'db/migrations'), { recursive: true });
    const hook = { id: 'validate', args: ['--migrations-dir', 'db/migrations'] };
    const configuration = { repos: [{ repo: join(work, 'hooks'), rev: revision, hooks: [hook] }] };
    // JSON is YAML.
    await writeFile(join(project, '.pre-commit-config.yaml'), JSON.stringify(configuration));
    await run('git', ['init', '--quiet'], { cwd: project });
    await preCommit('install-hooks');
  });

  async function preCommit(...args: readonly string[]): Promise<Ended> {
    const script = 'cd "$0" && exec python3 -m pre_commit "$@"';
    return execute('sh', ['-c', script, project, ...args], { env });
  }

  /** Runs the hook on a commit that has this file. */
  async function committing(file: string, text: string): Promise<Ended> {
    await writeFile(join(project, file), text);
    await run('git', ['add', '--all'], { cwd: project });
    return preCommit('run', '--color', 'never');
  }

  test('passes over a commit without migrations', async () => {
    const { code, stdout } = await committing('README.md', 'text\n');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/validate migrations\.+\(no files to check\)Skipped/)]);
  });

  test('accepts a good migration', async () => {
    const { code, stdout } = await committing(
      'db/migrations/001_docs.sql',
      'CREATE TABLE docs (id int PRIMARY KEY);\n',
    );
    expect([code, stdout]).toEqual([0, expect.stringMatching(/validate migrations\.+Passed/)]);
  });

  test('refuses a bad one and prints where and why, as text', async () => {
    const { code, stdout } = await committing('db/migrations/002_more.sql', 'CREATE TABEL more (id int);\n');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/validate migrations\.+Failed/)]);
    expect(stdout).toMatch(/002_more\.sql/);
    expect(stdout).not.toMatch(/^\{/m);
  });
});

/** pre-commit's own cache, and the Node of the tests under both of its names: `nodejs` comes first in Debian. */
async function environment(work: string): Promise<NodeJS.ProcessEnv> {
  const packages = await cached(`pre-commit-${VERSION}`, async (directory) => {
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-script-location'];
    await run('python3', ['-m', 'pip', 'install', ...quiet, '--target', directory, `pre-commit==${VERSION}`]);
  });
  const programs = join(work, 'bin');
  await mkdir(programs);
  for (const name of ['node', 'nodejs']) await symlink(process.execPath, join(programs, name));
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    PYTHONPATH: packages,
    PRE_COMMIT_HOME: join(work, 'cache'),
  };
}

/** A repository with what this checkout has; returns its commit. */
async function hookRepository(directory: string): Promise<string> {
  for (const source of [...SOURCES, 'package-lock.json', '.pre-commit-hooks.yaml', '.gitignore'])
    await cp(join(ROOT, source), join(directory, source), { recursive: true });
  const git = (...args: readonly string[]) => run('git', args, { cwd: directory });
  await git('init', '--quiet');
  await git('add', '--all');
  await git(...COMMIT);
  return (await git('rev-parse', 'HEAD')).trim();
}
