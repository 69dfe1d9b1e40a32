import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_PROGRAM } from '../program.ts';
import { type EmptyNeo4j, emptyNeo4j, type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { ROOT, read } from './documents.ts';
import { type Block, blocksOf } from './markdown.ts';

// A document is followed as an operator would: each block is run in its turn, on both databases, in a checkout's
// directory. A ```text block behind a ```sh block shows what it prints, … standing for anything.

export interface Step extends Block {
  readonly prints: string | undefined;
}

export function stepsOf(path: string, kinds: readonly string[] = ['sh']): readonly Step[] {
  const blocks = blocksOf(read(path));
  let exports = '';
  return blocks.flatMap((block, index) => {
    const next = blocks[index + 1];
    if (!kinds.includes(block.info)) return [];
    // A person goes on in the same shell.
    const text = block.info === 'sh' ? exports + block.text : block.text;
    exports += block.info === 'sh' ? (block.text.match(/^(export|unset) .*\n/gm) ?? []).join('') : '';
    return [{ ...block, text, prints: next?.info === 'text' ? next.text : undefined }];
  });
}

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they come on a terminal. */
  readonly shown: string;
}

export interface Checkout {
  readonly postgres: FreshDatabase;
  readonly neo4j: EmptyNeo4j;
  shell(script: string, settings?: NodeJS.ProcessEnv): Promise<Output>;
  close(): Promise<void>;
}

/** A directory with the migrations, the program on the PATH, and both databases, empty. */
export async function openCheckout(): Promise<Checkout> {
  const [postgres, neo4j, directory] = await Promise.all([
    freshDatabase({ extensions: ['vector'] }),
    emptyNeo4j(),
    mkdtemp(join(tmpdir(), 'followed-')),
  ]);
  await cp(join(ROOT, 'migrations'), join(directory, 'migrations'), { recursive: true });
  const bin = join(directory, 'bin');
  await mkdir(bin);
  const program = join(bin, 'localrag-migrate');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${BUILT_PROGRAM}' "$@"\n`);
  await chmod(program, 0o755);
  const environment = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: directory,
    LOG_FORMAT: 'text',
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    POSTGRES_DB: postgres.database,
    POSTGRES_USER: postgres.user,
    POSTGRES_PASSWORD: postgres.password,
    NEO4J_URI: neo4j.uri,
    NEO4J_USER: neo4j.user,
    NEO4J_PASSWORD: neo4j.password,
  };
  return {
    postgres,
    neo4j,
    shell: (script, settings = {}) =>
      new Promise((resolve) => {
        const options = { cwd: directory, env: { ...environment, ...settings } };
        const child = execFile('/bin/sh', ['-euc', script], options, (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
          resolve({ code, stdout, stderr, shown });
        });
        let shown = '';
        for (const stream of [child.stdout, child.stderr])
          stream?.on('data', (text: string) => {
            shown += text;
          });
        child.stdin?.end();
      }),
    close: async () => {
      await Promise.all([postgres.drop(), neo4j.close(), rm(directory, { recursive: true })]);
    },
  };
}

/** The lines of a text as one expression: … is anything, and the width of columns does not matter. */
export function patternOf(text: string): RegExp {
  const escaped = text.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replaceAll('…', '[\\s\\S]*?').replace(/\s+/g, '\\s+'));
}
