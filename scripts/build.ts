import { chmod, copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { type Apart, late, leavingOut, withoutReactive } from './build/modules.ts';
import { makeCache } from './build/rehearsal.ts';

/**
 * src/ → dist/: one program with its dependencies inside, so that it needs nothing but Node and migrations/, which stands
 * beside dist/. bin.js hears signals and starts program.js, which has everything that `migrate` needs, and its code cache
 * (docs/adr/0006-start.md). What few commands need is in files of its own.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;
const { version, homepage } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as Record<string, string>;

/** Files of their own: the state that bin.js and the program share, and packages that `migrate` does not need. */
const APART: Apart = {
  './signals.ts': { file: 'signals.js', entry: 'src/signals.ts' },
  '@redis/client': { file: 'redis.js', entry: '@redis/client' },
  'libpg-query': { file: 'libpg-query.js', entry: 'libpg-query' },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  // Node starts it sooner than an ES module, and V8 takes a cache for a script alone.
  format: 'cjs',
  supported: { 'dynamic-import': false },
  platform: 'node',
  target: 'node24',
  define: {
    __VERSION__: JSON.stringify(version),
    // The page as it is at the release's tag: an older program leads to what was true for it.
    __RUNBOOK__: JSON.stringify(`${homepage}/blob/v${version}/docs/failing-upgrade.md`),
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
  // Names stay as they are: a report of a bug carries its stack.
  minifyWhitespace: true,
  minifySyntax: true,
  // pg asks for it only where somebody wants libpq's bindings.
  external: ['pg-native'],
  plugins: [leavingOut(APART), late, withoutReactive],
} as const satisfies BuildOptions;

/** src/program.ts calls it. */
const PROGRAM: BuildOptions = { banner: { js: '(function (require, __filename, __dirname) {' }, footer: { js: '})' } };

await rm(dist, { recursive: true, force: true });
const inputs = new Set([
  ...(await bundle('bin.js', 'src/entry.ts')),
  ...(await bundle('program.js', 'src/bin.ts', PROGRAM)),
]);
for (const { file, entry } of Object.values(APART)) for (const input of await bundle(file, entry)) inputs.add(input);
// libpg-query reads it when it is loaded, which validate and plan alone do.
await copyFile(`${root}node_modules/libpg-query/wasm/libpg-query.wasm`, `${dist}/libpg-query.wasm`);
// The package has it executable; nobody executes it.
await chmod(`${dist}/libpg-query.wasm`, 0o644);
await writeFile(`${dist}/package.json`, '{ "type": "commonjs" }\n');
await chmod(`${dist}/bin.js`, 0o755);
await writeFile(`${dist}/LICENSES.txt`, await licenses(inputs));
await makeCache(dist);

const sizes = await Promise.all(
  (await readdir(dist)).map(async (name) => `${name} ${Math.round((await stat(`${dist}/${name}`)).size / 1024)} kB`),
);
process.stdout.write(`dist/: ${sizes.join(', ')}\n`);

/** Writes one file of dist/; returns the files that went into it, and the names of those that it leaves to Node. */
async function bundle(file: string, entry: string, more: BuildOptions = {}): Promise<readonly string[]> {
  const outfile = `dist/${file}`;
  const { metafile } = await build({ ...common, ...more, entryPoints: [entry], outfile, metafile: true });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return [...Object.keys(metafile.inputs), ...outside];
}

/** The licence of each package that went into the program, which most of them ask to be passed on with it. */
async function licenses(inputs: ReadonlySet<string>): Promise<string> {
  const packages = new Set([...inputs].flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  const texts = [...packages].sort().map(async (directory) => {
    const { name, version, license } = JSON.parse(await readFile(`${root}${directory}/package.json`, 'utf8'));
    const files = (await readdir(`${root}${directory}`)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const contents = await Promise.all(files.map((file) => readFile(`${root}${directory}/${file}`, 'utf8')));
    return [`${name} ${version} (${license})`, ...contents.map((text) => text.trim())].join('\n\n');
  });
  return `${(await Promise.all(texts)).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
