import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, inject, test } from 'vitest';
import { type Ended, execute } from '../execute.ts';
import { freshPair } from '../journeys/pair.ts';

const image = inject('arm64');

/** Starts the image to its end, with its environment and `env`. */
function runImage(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(image.command, args, env);
}

function start(command: readonly string[], more: readonly string[], env: Readonly<Record<string, string>>) {
  const [program = '', ...args] = [...command, ...more];
  return execute(program, args, { env: { ...image.env, ...env }, cwd: '/' });
}

/** The machine of each ELF file, as its header has it. */
async function machines(): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const entry of await readdir(image.root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0);
    await file.close();
    if (buffer.toString('latin1', 0, 4) === '\x7fELF') found[relative(image.root, path)] = buffer.readUInt16LE(18);
  }
  return found;
}

test('every program and library is for arm64', async () => {
  const found = await machines();
  expect(Object.keys(found)).toEqual(
    expect.arrayContaining(['usr/local/bin/node', 'usr/lib/ld-linux-aarch64.so.1', expect.stringMatching(/libc\.so/)]),
  );
  const EM_AARCH64 = 183;
  expect(Object.entries(found).filter(([, machine]) => machine !== EM_AARCH64)).toEqual([]);
});

test('Node is the version that the other tests run with', async () => {
  const script = "process.stdout.write([process.version, process.arch, process.getuid()].join(' '))";
  const { stdout, stderr } = await start(image.within, ['node', '--eval', script], {});
  expect([stdout, stderr]).toEqual([`${process.version} arm64 65532`, '']);
});

test('V8 takes the code cache that was made when it was built', async () => {
  const { code, stdout, stderr } = await runImage(['--version'], { NODE_DEBUG: 'localrag-migrate' });
  expect([code, stdout]).toEqual([0, expect.stringContaining('schema 006')]);
  expect(stderr).toContain('code cache accepted');
});

test('validate reads its files with the parser of PostgreSQL', async () => {
  expect(await runImage(['validate'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('6 migrations are valid'),
  });
});

test('migrates both databases; again it finds nothing to do', async () => {
  const { postgres, neo4j, env } = await freshPair();
  const first = await runImage(['migrate'], env);
  expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('Applied 6 migrations')]);
  expect(await postgres.query('SELECT count(*)::int AS n FROM migrations')).toEqual([{ n: 5 }]);
  expect(await neo4j.run('MATCH (m:_Migration) RETURN count(m) AS n')).toEqual([{ n: 1 }]);

  const second = await runImage(['migrate'], { ...env, NODE_DEBUG: 'localrag-migrate' });
  expect([second.code, second.stdout]).toEqual([0, 'Nothing to do: every migration is applied.\n']);
  expect(second.stderr).toContain('code cache accepted');
  for (const command of ['wait', 'status', 'plan', 'verify']) {
    const { code, stdout, stderr } = await runImage([command], env);
    expect([command, code, stdout + stderr]).toEqual([command, 0, expect.any(String)]);
  }
});
