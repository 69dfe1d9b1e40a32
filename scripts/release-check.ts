import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { disagreements } from './release/disagreements.ts';
import { incompletePackages } from './release/packages.ts';

/**
 * Checks that a tag may be released, before anything is pushed: every file that has a version, an image or a repository
 * agrees with the tag.
 *
 *   node scripts/release-check.ts v1.2.3 [--packages DIRECTORY]
 *
 * `--packages` also checks what `helm package` has written to charts/ in that directory, and `npm pack` to npm/.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    packages: { type: 'string' },
    root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
});
const [tag = ''] = positionals;
// Semantic Versioning without build metadata, which tags of images cannot have.
const version = /^v((?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[0-9A-Za-z.-]+)?)$/.exec(tag)?.[1];

const problems = version === undefined ? [`the tag "${tag}" is not vMAJOR.MINOR.PATCH`] : await problemsOf(version);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  process.stderr.write(`${count}: nothing may be released\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${tag}: package.json, charts, image and changelog agree\n`);
}

async function problemsOf(version: string): Promise<readonly string[]> {
  const read = (path: string) => readFile(join(values.root, path), 'utf8');
  const found = await disagreements({ version, repository: process.env.GITHUB_REPOSITORY, read });
  return values.packages === undefined ? found : [...found, ...(await incompletePackages(values.packages, version))];
}
