import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { BUILT_PROGRAM } from '../program.ts';
import { type EmptyNeo4j, emptyNeo4j, type FreshDatabase, freshDatabase } from '../servers/databases.ts';
import { ROOT, read } from './documents.ts';
import { blocksOf } from './markdown.ts';

// The README is followed from its first line to its last, as an operator would: each ```sh block is run in its turn, on
// both databases, in a checkout's directory. A ```text block behind it shows what it prints, … standing for anything.

const BLOCKS = blocksOf(read('README.md'));
const STEPS = BLOCKS.flatMap((block, index) => {
  const next = BLOCKS[index + 1];
  return block.info === 'sh' ? [{ ...block, prints: next?.info === 'text' ? next.text : undefined }] : [];
});

let postgres: FreshDatabase;
let neo4j: EmptyNeo4j;
let checkout: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  [postgres, neo4j, checkout] = await Promise.all([
    freshDatabase({ extensions: ['vector'] }),
    emptyNeo4j(),
    mkdtemp(join(tmpdir(), 'readme-')),
  ]);
  await cp(join(ROOT, 'migrations'), join(checkout, 'migrations'), { recursive: true });
  const bin = join(checkout, 'bin');
  await mkdir(bin);
  const program = join(bin, 'localrag-migrate');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${BUILT_PROGRAM}' "$@"\n`);
  await chmod(program, 0o755);
  environment = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: checkout,
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
});

afterAll(async () => {
  await Promise.all([postgres?.drop(), neo4j?.close()]);
  if (checkout !== undefined) await rm(checkout, { recursive: true });
});

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function shell(script: string, settings: NodeJS.ProcessEnv = {}): Promise<Output> {
  return new Promise((resolve) => {
    const options = { cwd: checkout, env: { ...environment, ...settings } };
    const child = execFile('/bin/sh', ['-euc', script], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** The lines of a text as one expression: … is anything, and the width of columns does not matter. */
function patternOf(text: string): RegExp {
  const escaped = text.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replaceAll('…', '[\\s\\S]*?').replace(/\s+/g, '\\s+'));
}

describe('the README, in its order', () => {
  test.each(STEPS)('line $line: $heading', async ({ text, prints }) => {
    const { code, stdout, stderr } = await shell(text);
    expect(code, stderr).toBe(0);
    if (prints !== undefined) expect(stdout).toMatch(patternOf(prints));
  });

  test('has led to a migration of its own, in both databases', async () => {
    const { stdout } = await shell('localrag-migrate status --json');
    const { migrations, ahead } = JSON.parse(stdout) as {
      migrations: { version: number; state: string }[];
      ahead: unknown;
    };
    expect(migrations.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(migrations.map(({ state }) => state.replace(/,.*/, ''))).toEqual(Array(7).fill('applied'));
    expect(ahead).toEqual(['007_add_user_preferences.sql']);
  });

  test('what is shown as output is looked at', () => {
    expect(STEPS.filter(({ prints }) => prints !== undefined).length).toBeGreaterThanOrEqual(2);
    expect('a  1 ms\nb').toMatch(patternOf('a …\nb\n'));
    expect('a  1 ms\nc').not.toMatch(patternOf('a …\nb\n'));
  });

  test('blocks that are not run are few, and of kinds that cannot be', () => {
    const kinds = BLOCKS.map(({ info }) => info);
    expect(new Set(kinds)).toEqual(new Set(['console', 'ini', 'sh', 'sql', 'text', 'yaml']));
    expect(kinds.filter((info) => info === 'console').length).toBeLessThan(STEPS.length);
  });
});

describe('the SQL for least rights', () => {
  const [server, database, reader] = BLOCKS.filter(({ info, heading }) => info === 'sql' && heading === 'Least rights');
  const name = `readme_${randomBytes(4).toString('hex')}`;
  const names = { POSTGRES_DB: name, POSTGRES_USER: name, POSTGRES_PASSWORD: 'PASSWORD' };

  /** Runs a block as a superuser, each statement by itself; its names get others, because the server is shared. */
  async function asSuperuser(sql: string | undefined, where = 'postgres'): Promise<void> {
    const url = new URL(inject('postgres').url);
    url.pathname = `/${where}`;
    const client = new pg.Client(url.href);
    await client.connect();
    try {
      for (const statement of (sql ?? '').replaceAll('localrag', name).split(/;\n/)) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  afterAll(async () => {
    await asSuperuser(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const role of [name, `${name}_reader`]) await asSuperuser(`DROP ROLE IF EXISTS ${role}`);
  });

  test('makes a role that can migrate', async () => {
    await asSuperuser(server?.text);
    const before = await shell('localrag-migrate postgres migrate', names);
    expect(before.code, 'without pgvector').toBe(77);
    await asSuperuser(database?.text, name);
    const { code, stderr } = await shell('localrag-migrate postgres health\nlocalrag-migrate postgres migrate', names);
    expect(code, stderr).toBe(0);
  });

  test('makes a role that can read the history, and write nothing', async () => {
    await asSuperuser(reader?.text, name);
    const settings = { ...names, POSTGRES_USER: `${name}_reader` };
    for (const command of ['status', 'plan', 'wait', 'verify', 'rollback-plan']) {
      const { code, stderr } = await shell(`localrag-migrate postgres ${command}`, settings);
      expect(code, `${command}: ${stderr}`).toBe(0);
    }
    const { code } = await shell('localrag-migrate postgres repair --forget 5 --yes', settings);
    expect(code).toBe(77);
  });
});
