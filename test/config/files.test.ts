// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts of a .env have such placeholders
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDotenv } from '../../src/config.ts';
import { load, NEO4J, POSTGRES, postgres, problemsOf } from './loading.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'configuration-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe('a secret in a file', () => {
  test('is read for every variable that has one', () => {
    const url = file('url', 'postgresql://app:from-url@db.example/localrag\n');
    const config = load({
      DATABASE_URL_FILE: url,
      NEO4J_URI: NEO4J.NEO4J_URI,
      NEO4J_PASSWORD_FILE: file('neo4j', 'from-file'),
      REDIS_URL_FILE: file('redis', 'redis://:from-redis@cache.example\r\n'),
    });
    expect([config.postgres?.password, config.neo4j?.password, config.redis?.password]).toEqual([
      'from-url',
      'from-file',
      'from-redis',
    ]);
    expect(postgres({ ...POSTGRES, POSTGRES_PASSWORD_FILE: file('own', 'one') }).password).toBe('one');
    expect(postgres({ ...POSTGRES, PGPASSWORD_FILE: file('pg', 'two') }).password).toBe('two');
    const REDIS_PASSWORD_FILE = file('redis-password', 'three');
    expect(load({ ...POSTGRES, ...NEO4J, REDIS_HOST: 'cache', REDIS_PASSWORD_FILE }).redis?.password).toBe('three');
  });

  test.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret\n\n', 'secret\n'],
    [' secret ', ' secret '],
  ])('%j loses one line break at its end, and nothing else', (text, password) => {
    expect(postgres({ ...POSTGRES, POSTGRES_PASSWORD_FILE: file('password', text) }).password).toBe(password);
  });

  test('that cannot be had is a problem with variable, path and reason, and nothing is called missing for it', () => {
    const empty = file('empty', '\n');
    const env = { NEO4J_URI: NEO4J.NEO4J_URI, NEO4J_PASSWORD_FILE: empty, DATABASE_URL_FILE: directory };
    expect(problemsOf(() => load(env, { dotenv: 'REDIS_PASSWORD_FILE=/nowhere' }))).toEqual([
      expect.stringContaining(`DATABASE_URL_FILE: ${directory}: illegal operation on a directory`),
      expect.stringContaining(`NEO4J_PASSWORD_FILE: ${empty}: is empty`),
      expect.stringContaining('REDIS_PASSWORD_FILE in .env: /nowhere: no such file or directory'),
    ]);
  });

  test('beside the variable itself is refused, but not across layers', () => {
    const POSTGRES_PASSWORD_FILE = file('password', 'from-file');
    const both = { ...POSTGRES, POSTGRES_PASSWORD: 'SECRET', POSTGRES_PASSWORD_FILE };
    expect(problemsOf(() => postgres(both))).toEqual([
      'both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set (keep one of them)',
    ]);
    const env = { ...POSTGRES, POSTGRES_PASSWORD_FILE };
    expect(postgres(env, { dotenv: 'POSTGRES_PASSWORD=other' }).password).toBe('from-file');
  });

  test('counts in a contradiction under its own name', () => {
    const DATABASE_URL_FILE = file('url', 'postgresql://app:SECRET1@db.example/localrag');
    expect(problemsOf(() => postgres({ DATABASE_URL_FILE, POSTGRES_PASSWORD: 'SECRET2' }))).toEqual([
      'DATABASE_URL_FILE and POSTGRES_PASSWORD tell different passwords (keep one of them, or make them equal)',
    ]);
  });

  test('is for secrets only', () => {
    const POSTGRES_HOST_FILE = file('host', 'elsewhere');
    expect(postgres({ ...POSTGRES, POSTGRES_HOST_FILE }).host).toBe('db.example');
  });
});

describe('.env', () => {
  test('may be missing', () => {
    expect(readDotenv(directory)).toBeUndefined();
  });

  test('is read as text', () => {
    file('.env', 'LOG_LEVEL=debug\n');
    expect(readDotenv(directory)).toBe('LOG_LEVEL=debug\n');
    rmSync(join(directory, '.env'));
  });

  test('that cannot be read is one problem among the others', () => {
    mkdirSync(join(directory, '.env'));
    const dotenv = readDotenv(directory);
    expect(problemsOf(() => load({}, { scope: ['neo4j'], ...(dotenv !== undefined && { dotenv }) }))).toEqual([
      expect.stringContaining(`cannot read ${directory}/.env: illegal operation on a directory`),
      expect.stringContaining('Neo4j is not configured'),
    ]);
    rmSync(join(directory, '.env'), { recursive: true });
  });

  test('that may not be read is a problem too', () => {
    chmodSync(file('.env', ''), 0);
    // Root may read everything; nobody may not.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.('nobody');
    try {
      expect(readDotenv(directory)).toMatchObject({ message: expect.stringContaining('permission denied') });
    } finally {
      if (root) process.seteuid?.(0);
    }
    rmSync(join(directory, '.env'));
  });

  test('is understood with quotes, comments, export, a byte order mark and CRLF', () => {
    const dotenv =
      '\uFEFFPOSTGRES_HOST=db.example # here\r\nexport POSTGRES_DB="localrag"\r\n# POSTGRES_USER=x#y\r\nPOSTGRES_USER=\'a#b\'\r\n';
    expect(postgres({}, { dotenv })).toMatchObject({ host: 'db.example', database: 'localrag', user: 'a#b' });
  });

  test('has a # in a password without quotes, and other values out of variables above or of the environment', () => {
    const dotenv = [
      'POSTGRES_USER=app',
      'POSTGRES_PASSWORD=a#b',
      'POSTGRES_HOST=in-file',
      'DATABASE_URL=postgresql+asyncpg://${POSTGRES_USER}:${POSTGRES_PASSWORD}@${POSTGRES_HOST}:${PORT}/${NAME:-localrag}',
    ].join('\n');
    expect(postgres({ PORT: '5433' }, { dotenv })).toMatchObject({
      host: 'in-file',
      port: 5433,
      database: 'localrag',
      user: 'app',
      password: 'a#b',
    });
  });

  test('passes over a line that is no assignment, with a warning that does not show it', () => {
    const dotenv = 'POSTGRES_PASSWORD="SECRET\nPOSTGRES_HOST=db.example';
    const { postgres, warnings } = load({ ...POSTGRES, POSTGRES_HOST: '' }, { scope: ['postgres'], dotenv });
    expect(postgres).toMatchObject({ host: 'db.example', password: undefined });
    expect(warnings).toEqual(['line 1 of .env is not an assignment, and is not read']);
  });

  test('that is not UTF-8 is a problem: half of its characters would be others', () => {
    writeFileSync(join(directory, '.env'), Buffer.from('POSTGRES_PASSWORD=\xe4\xf6', 'latin1'));
    expect(readDotenv(directory)).toMatchObject({ message: expect.stringContaining('is not encoded in UTF-8') });
    rmSync(join(directory, '.env'));
  });

  test.each(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'FATAL', 'NOTSET', 'TRACE', '30'])(
    "LOG_LEVEL=%s, a word of LocalRAG's own, is understood everywhere",
    (word) => {
      expect(load({ LOG_LEVEL: word }, { scope: [] }).logLevel).toMatch(/^(debug|info|warn|error)$/);
      expect(load({}, { scope: [], dotenv: `LOG_LEVEL=${word}` }).warnings).toEqual([]);
    },
  );

  test('may have LOG_LEVEL and LOG_FORMAT as only another program understands them', () => {
    const dotenv = 'LOG_LEVEL=verbose\nLOG_FORMAT="%(asctime)s %(message)s"';
    expect(load({}, { scope: [], dotenv })).toMatchObject({
      logLevel: 'info',
      logFormat: 'auto',
      warnings: [
        'LOG_FORMAT in .env is none of auto, json, text: (not shown), and is not used',
        'LOG_LEVEL in .env is none of debug, info, warn, error: "verbose", and is not used',
      ],
    });
    expect(problemsOf(() => load({ LOG_LEVEL: 'verbose' }, { scope: [] }))).toHaveLength(1);
  });

  test("leaves other programs' variables alone", () => {
    expect(() => postgres(POSTGRES, { dotenv: 'COLOUR=a#b\nWAIT_TIMEOUTS=x' })).not.toThrow();
  });
});
