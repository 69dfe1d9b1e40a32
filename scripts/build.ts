import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

/**
 * src/ → dist/: one program with its dependencies inside, so that it needs nothing but Node and migrations/,
 * which stands beside dist/. What a command does not need, a driver for example, is in a file that is not read.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;
const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { version: string };

await rm(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [{ in: 'src/entry.ts', out: 'bin' }],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  define: { __VERSION__: JSON.stringify(version) },
  // pg asks for it only where somebody wants libpq's bindings.
  external: ['pg-native'],
  // Dependencies in CommonJS call require() and look beside __dirname, which an ES module does not have.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url), __dirname = import.meta.dirname;",
  },
  // Names stay as they are: a report of a bug carries its stack.
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
});
await chmod(`${dist}/bin.js`, 0o755);
// libpg-query reads it when it is loaded, which validate and plan alone do.
await copyFile(fileURLToPath(import.meta.resolve('libpg-query/wasm/libpg-query.wasm')), `${dist}/libpg-query.wasm`);
await writeFile(`${dist}/LICENSES.txt`, await licenses(metafile));

const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)} kB`;
const outputs = Object.values(metafile.outputs);
const total = outputs.reduce((sum, { bytes }) => sum + bytes, 0);
const started = outputs.find(({ entryPoint }) => entryPoint === 'src/bin.ts')?.bytes ?? 0;
process.stdout.write(`dist/: started with ${kilobytes(started)}, with what it loads later ${kilobytes(total)}\n`);

/** The licence of each package that went into the program, which most of them ask to be passed on with it. */
async function licenses({ inputs }: Metafile): Promise<string> {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
  );
  const texts = [...packages].sort().map(async (directory) => {
    const { name, version, license } = JSON.parse(await readFile(`${root}${directory}/package.json`, 'utf8'));
    const files = (await readdir(`${root}${directory}`)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const contents = await Promise.all(files.map((file) => readFile(`${root}${directory}/${file}`, 'utf8')));
    return [`${name} ${version} (${license})`, ...contents.map((text) => text.trim())].join('\n\n');
  });
  return `${(await Promise.all(texts)).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
