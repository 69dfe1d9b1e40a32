import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ReadContext, WriteContext } from '../../src/commands/context.ts';
import type { ErrorKind } from '../../src/errors.ts';
import { EXIT } from '../../src/exit.ts';
import { globalsOf, importsOf, MODULES } from './modules.ts';
import { violations } from './rules.ts';

/** Lines that a module may have: what can be read in one sitting, with some room. */
const LONGEST = 260;

/** What reaches out of a module without an import. */
const OUTWARD = [
  'process',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
  'globalThis',
];

describe('the program', () => {
  test('keeps the directions of its imports', () => {
    expect(MODULES.length).toBeGreaterThan(50);
    expect(violations(MODULES)).toEqual([]);
  });

  test.each(MODULES)('$path uses the globals that it may', async (module) => {
    const used = await globalsOf(module, OUTWARD);
    if (/^src\/(core|catalog)\//.test(module.path)) expect(used).toEqual([]);
    expect(used).not.toContain('console');
    if (!['src/bin.ts', 'src/program.ts', 'src/signals.ts'].includes(module.path))
      expect(used).not.toContain('process');
  });

  test.each(MODULES)('$path can be read in one sitting', ({ text }) => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(LONGEST);
  });

  test('has no read command that speaks of the lock', () => {
    const read = MODULES.filter(({ path }) => path.startsWith('src/commands/read/'));
    expect(read.length).toBeGreaterThan(4);
    for (const { path, text } of read)
      expect(text, path).not.toMatch(
        /\b(LockedEngine|WriteContext|allLocked)\b|\.locked\b|\{[^}]*\bEngine\b[^}]*\} from/,
      );
  });
});

test('what a read command is given has no way to take the lock, and so none to write', () => {
  // Checked by the compiler, in npm run check.
  expectTypeOf<ReadContext['engines'][number]>().not.toHaveProperty('locked');
  expectTypeOf<WriteContext['engines'][number]>().toHaveProperty('locked');
});

test('the exit codes are those that manifests and scripts rely on', () => {
  expectTypeOf<keyof typeof EXIT>().toEqualTypeOf<ErrorKind | 'ok'>();
  expect(Object.fromEntries(Object.entries(EXIT).map(([name, { code }]) => [name, code]))).toEqual({
    ok: 0,
    bug: 1,
    pending: 3,
    usage: 64,
    source: 65,
    unreachable: 69,
    failed: 70,
    busy: 75,
    unfinished: 76,
    denied: 77,
    config: 78,
    interrupted: 130,
    terminated: 143,
  });
  const again = Object.entries(EXIT).flatMap(([name, exit]) => (exit.again ? [name] : []));
  expect(again).toEqual(['unreachable', 'busy', 'interrupted', 'terminated']);
});

describe('the checks themselves', () => {
  test.each([
    ['src/core/bad.ts', "import { readFile } from 'node:fs/promises';", /src\/core\/ is pure/],
    ['src/core/bad.ts', "import { MigrateError } from '../errors.ts';", /src\/core\/ is pure/],
    ['src/core/bad.ts', "import type { Config } from '../config.ts';", /src\/core\/ is pure/],
    ['src/catalog/bad.ts', "import type { Engine } from '../engine/engine.ts';", /src\/catalog\/ is pure/],
    ['src/engine/neo4j/bad.ts', "import pg from 'pg';", /pg, which belongs to/],
    ['src/engine/bad.ts', "import type pg from 'pg';", /pg, which belongs to/],
    [
      'src/commands/read/bad.ts',
      "import neo4j, {\n  type Driver,\n} from 'neo4j-driver';",
      /neo4j-driver, which belongs to/,
    ],
    ['src/engine/neo4j/bad.ts', "import { Session } from '../postgres/session.ts';", /does not know PostgreSQL/],
    ['src/engine/postgres/bad.ts', "export { Lease } from '../neo4j/lease.ts';", /does not know Neo4j/],
    ['src/commands/read/bad.ts', "import { allLocked } from '../write/migrate.ts';", /does not use what writes/],
    ['src/commands/read/bad.ts', "const m = await import('../write/migrate.ts');", /does not use what writes/],
    [
      'src/commands/write/bad.ts',
      "import { openEngines } from '../../engine/open.ts';",
      /by the types of engine\.ts alone/,
    ],
    [
      'src/commands/write/bad.ts',
      "import { pingRedis } from '../../engine/redis.ts';",
      /by the types of engine\.ts alone/,
    ],
    ['src/log.ts', "import { writeFileSync } from 'node:fs';", /node:fs, which belongs to/],
    ['src/retry.ts', "import { spawn } from 'node:child_process';", /child_process, which has no owner/],
    ['src/app.ts', "import 'left-pad';", /left-pad, which has no owner/],
    ['src/app.ts', "import { run } from './bin.ts';", /does not import the process edge/],
  ])('%s: %s is told', (path, text, message) => {
    expect(violations([{ path, text }]).join('\n')).toMatch(message);
  });

  test('good ones are not', () => {
    const good = [
      {
        path: 'src/core/good.ts',
        text: "import { createHash } from 'node:crypto';\nimport type { Problem } from '../errors.ts';",
      },
      { path: 'src/commands/read/good.ts', text: "import type { ReadEngine } from '../../engine/engine.ts';" },
    ];
    expect(violations(good)).toEqual([]);
  });

  test('a cycle is told, one of types alone is none', () => {
    const a = { path: 'src/core/a.ts', text: "import { b } from './b.ts';" };
    const b = { path: 'src/core/b.ts', text: "import { c } from './c.ts';" };
    const c = (keyword: string) => ({ path: 'src/core/c.ts', text: `${keyword} { a } from './a.ts';` });
    expect(violations([a, b, c('import')])).toEqual([
      'cycle: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts',
    ]);
    expect(violations([a, b, c('import type')])).toEqual([]);
  });

  test('an import is found however it is written', () => {
    const text = [
      "import a from 'a';",
      "import { b } from 'b';",
      "import {\n  c1,\n  c2,\n} from 'c';",
      "import * as d from 'd';",
      "import 'e';",
      "export * from 'f';",
      "export type { G } from 'g';",
      "const h = await import('h');",
    ].join('\n');
    expect(
      importsOf({ path: 'src/x.ts', text })
        .map(({ to }) => to)
        .join(''),
    ).toBe('abcdefgh');
  });

  test('a global is found in code, not in texts, comments, types or names', async () => {
    const uses = (text: string) => globalsOf({ path: 'x.ts', text }, ['process']);
    expect(await uses('export const a = process.env.A;')).toEqual(['process']);
    expect(await uses('export const a = globalThis.process.pid;')).toEqual(['process']);
    expect(await uses("// process\nexport const a = 'process', b = { process: 1 }.process;")).toEqual([]);
    expect(await uses('export const a = (process: { pid: typeof process }) => process.pid;')).toEqual([]);
  });
});
