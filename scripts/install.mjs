// Installs the dependencies when they are missing or older than package-lock.json, then does nothing.
//
// Plain JavaScript for the Node that the machine has (20 or newer). After it the `node` of an npm script is
// node_modules/.bin/node, the version that this project is written for; package.json says `env node` behind
// it, because a shell that has found `node` once in a line does not look for it again.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modified = (name) => statSync(`${root}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// Written by npm as its last act, so that an install that was killed does not count.
if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.error('Installing the dependencies (npm ci) ...');
  // Only a warning, and beside the point: the engine that a package asks for is installed with it.
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund'];
  // Here, also in the middle of an `npm install --global` of this repository.
  const { status } = spawnSync('npm', ['ci', '--no-global', ...quiet], { cwd: root, stdio: 'inherit' });
  process.exit(status ?? 1);
}
