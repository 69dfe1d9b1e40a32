import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ROOT, read } from '../docs/documents.ts';
import { type Ended, execute } from '../execute.ts';
import { run } from '../servers/command.ts';

const { version } = JSON.parse(read('package.json')) as { version: string };
const TAG = `v${version}`;
const REPOSITORY = 'localrag/localrag-migrate';
const CHART = 'charts/localrag-migrate/Chart.yaml';
const LIBRARY = 'charts/localrag-migrate-lib/Chart.yaml';
const NAMES = 'charts/localrag-migrate-lib/templates/_names.tpl';
const VALUES = 'charts/localrag-migrate/values.yaml';

/** A copy of what a release consists of, with the section of the changelog that a release has. */
async function checkout(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-release-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const part of [
    'package.json',
    'package-lock.json',
    'CHANGELOG.md',
    'charts',
    'docs',
    'examples',
    '.pre-commit-hooks.yaml',
  ])
    await cp(join(ROOT, part), join(directory, part), { recursive: true });
  await edit(directory, 'CHANGELOG.md', /^## \[Unreleased\]$/m, `## [Unreleased]\n\n## [${version}] - 2026-12-01`);
  return directory;
}

async function edit(directory: string, file: string, pattern: RegExp, replacement: string): Promise<void> {
  const text = await readFile(join(directory, file), 'utf8');
  expect(text).toMatch(pattern);
  await writeFile(join(directory, file), text.replace(pattern, replacement));
}

function check(directory: string, args: readonly string[] = [TAG], repository = REPOSITORY): Promise<Ended> {
  const script = join(ROOT, 'scripts/release-check.ts');
  const env = { ...process.env, GITHUB_REPOSITORY: repository };
  return execute(process.execPath, [script, '--root', directory, ...args], { env });
}

/** What `helm package` and `npm pack` write, made without them. */
async function packagesOf(directory: string, withLibrary: boolean): Promise<string> {
  const work = join(directory, 'work');
  for (const chart of ['localrag-migrate', 'localrag-migrate-lib'])
    await cp(join(directory, 'charts', chart), join(work, chart), { recursive: true });
  if (withLibrary)
    await cp(join(work, 'localrag-migrate-lib'), join(work, 'localrag-migrate/charts/localrag-migrate-lib'), {
      recursive: true,
    });
  for (const file of ['package.json', 'dist/bin.js', 'dist/program.js']) {
    await mkdir(join(work, 'package/dist'), { recursive: true });
    await writeFile(join(work, 'package', file), '');
  }
  const packages = join(directory, 'packages');
  const archives = [
    ['charts/localrag-migrate-lib', 'localrag-migrate-lib'],
    ['charts/localrag-migrate', 'localrag-migrate'],
    ['npm/localrag-migrate', 'package'],
  ] as const;
  for (const [name, content] of archives) {
    await mkdir(join(packages, name, '..'), { recursive: true });
    await run('tar', ['-czf', join(packages, `${name}-${version}.tgz`), '-C', work, content]);
  }
  return packages;
}

test('accepts this checkout, except that the changelog has no section for the version yet', async () => {
  const ended = await check(await checkout());
  expect([ended.code, ended.stderr, ended.stdout]).toEqual([0, '', expect.stringContaining(TAG)]);
  const today = await check(ROOT);
  const released = read('CHANGELOG.md').includes(`## [${version}]`);
  expect([today.code, today.stderr]).toEqual(
    released ? [0, ''] : [1, `CHANGELOG.md: no section "## [${version}]"\n1 problem: nothing may be released\n`],
  );
});

describe('refuses', () => {
  test.each<[string, string, RegExp, string, RegExp]>([
    [
      'another version of the package',
      'package.json',
      /"version": ".*"/,
      '"version": "9.9.9"',
      /package.json: version/,
    ],
    ['a private package', 'package.json', /"license"/, '"private": true, "license"', /package.json: private/],
    ['a dependency of the package', 'package.json', /"license"/, '"dependencies": {}, "license"', /dependencies/],
    ['another lock file', 'package-lock.json', /"version": ".*"/, '"version": "9.9.9"', /package-lock.json: version/],
    ['another chart version', CHART, /^version: .*/m, 'version: 9.9.9', /Chart.yaml: version is 9.9.9/],
    ['another appVersion', CHART, /^appVersion: .*/m, 'appVersion: 9.9.9', /Chart.yaml: appVersion is 9.9.9/],
    ['another version of the library', LIBRARY, /^version: .*/m, 'version: 9.9.9', /-lib\/Chart.yaml: version/],
    ['another appVersion of the library', LIBRARY, /^appVersion: .*/m, 'appVersion: 9.9.9', /-lib\/Chart.yaml: appV/],
    ['another version of the dependency', CHART, /^ {4}version: .*/m, '    version: 9.9.9', /dependency/],
    ['a dependency from elsewhere', CHART, /repository: file.*/, 'repository: oci://r.example/x', /dependency/],
    ['a chart without its dependency', CHART, /^dependencies:\n( {2}.*\n)*/m, '', /dependency/],
    [
      'another registry of the image',
      VALUES,
      /^ {2}registry: ghcr.io$/m,
      '  registry: r.example',
      /values.yaml: image/,
    ],
    ['another name of the image', VALUES, /repository: localrag\/.*/, 'repository: other/image', /values.yaml: image/],
    ['a tag that stays behind', VALUES, /^ {2}tag: ''$/m, "  tag: '0.0.1'", /values.yaml: image.tag/],
    ['a digest that stays behind', VALUES, /^ {2}digest: ''$/m, '  digest: sha256:ab', /values.yaml: image.digest/],
    ['another image in the annotation', CHART, /(image: ghcr.io.*):.*/, '$1:9.9.9', /artifacthub.io\/images/],
    ['another image in the manifest', 'examples/job.yaml', /(image: ghcr.io.*):.*/, '$1:9.9.9', /job.yaml: image/],
    ['another image in the templates', NAMES, /(appVersion" -}}).*?{/, '$19.9.9{', /_names.tpl: appVersion/],
    [
      'a page with the dependency of another version',
      'docs/kubernetes.md',
      / version: .*/,
      ' version: 9.9.9',
      /kubernetes.md: 9/,
    ],
    ['a page with another image', 'docs/install.md', /(migrate:)\d\S*/, '$19.9.9', /install.md: 9.9.9/],
    ['a page with another package', 'docs/install.md', /(migrate-)\d\S*\.tgz/, '$19.9.9.tgz', /install.md: 9.9.9/],
    ['a page with another tag', 'docs/lint.md', /rev: v.*/, 'rev: v9.9.9', /lint.md: 9.9.9/],
    [
      'another image for pre-commit',
      '.pre-commit-hooks.yaml',
      /(entry: ghcr.io.*):[^ ]*/,
      '$1:9.9.9',
      /hooks.yaml: image/,
    ],
    ['another image for Compose', 'examples/compose.yaml', /(image: ghcr.io.*):.*/, '$1:9.9.9', /compose.yaml: image/],
    ['links to another version', CHART, /blob\/v[^/]*/, 'blob/v9.9.9', /artifacthub.io\/links/],
    [
      'a release that is marked as stable too early',
      LIBRARY,
      /prerelease: 'true'/,
      "prerelease: 'false'",
      /prerelease/,
    ],
    [
      'an example with another version',
      'examples/app/Chart.yaml',
      /^ {4}version: .*/m,
      '    version: 9.9.9',
      /examples/,
    ],
  ])('%s', async (_, file, pattern, replacement, message) => {
    const directory = await checkout();
    await edit(directory, file, pattern, replacement);
    const { code, stderr } = await check(directory);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  test('a tag with another version, and names every file that has it', async () => {
    const { code, stderr } = await check(await checkout(), ['v9.9.9']);
    expect(code).toBe(1);
    for (const file of ['package.json', 'package-lock.json', CHART, LIBRARY, 'CHANGELOG.md'])
      expect(stderr).toContain(`${file}: `);
  });

  test.each(['1.2.3', 'v1.2', 'v1.2.3.4', 'v01.2.3', 'latest'])('the tag %s', async (tag) => {
    const { code, stderr } = await check(await checkout(), [tag]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('vMAJOR.MINOR.PATCH')]);
  });

  test('another repository, whose image and source the charts and the package do not name', async () => {
    const { code, stderr } = await check(await checkout(), [TAG], 'fork/localrag-migrate');
    expect(code).toBe(1);
    for (const expected of ['package.json: repository', `${VALUES}: image`]) expect(stderr).toContain(expected);
  });

  test('a package of the chart without the library', async () => {
    const directory = await checkout();
    const packages = await packagesOf(directory, false);
    const { code, stderr } = await check(directory, [TAG, '--packages', packages]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no localrag-migrate/charts/localrag-migrate-lib')]);
  });

  test('the package of npm in the place of the chart, which has the same name', async () => {
    const directory = await checkout();
    const packages = await packagesOf(directory, true);
    const name = `localrag-migrate-${version}.tgz`;
    await cp(join(packages, 'npm', name), join(packages, 'charts', name));
    const { code, stderr } = await check(directory, [TAG, '--packages', packages]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no localrag-migrate/Chart.yaml')]);
  });

  test('missing packages', async () => {
    const directory = await checkout();
    const { code, stderr } = await check(directory, [TAG, '--packages', directory]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`charts/localrag-migrate-lib-${version}.tgz: missing`)]);
  });
});

test('accepts complete packages', async () => {
  const directory = await checkout();
  const { code, stderr } = await check(directory, [TAG, '--packages', await packagesOf(directory, true)]);
  expect([code, stderr]).toEqual([0, '']);
});
