import { describe, expect, test } from 'vitest';
import { loadOutput, VARIABLES } from '../../src/config.ts';
import { load, NEO4J, POSTGRES, postgres, problemsOf } from './loading.ts';

describe('what is in scope', () => {
  test('must be configured, and each message names the way to leave its database out', () => {
    expect(problemsOf(() => load({}))).toEqual([
      'PostgreSQL is not configured: set DATABASE_URL, or POSTGRES_HOST, POSTGRES_DB and POSTGRES_USER (or leave PostgreSQL out: `localrag-migrate neo4j …`)',
      'Neo4j is not configured: NEO4J_URI and NEO4J_PASSWORD are not set (or leave Neo4j out: `localrag-migrate postgres …`)',
    ]);
    expect(problemsOf(() => load({ ...POSTGRES, NEO4J_PASSWORD: 'graph-secret' }))).toEqual([
      'Neo4j is not configured: NEO4J_URI is not set (or leave Neo4j out: `localrag-migrate postgres …`)',
    ]);
  });

  test('alone offers no way out that leads nowhere', () => {
    expect(problemsOf(() => load({}, { scope: ['neo4j'] }))).toEqual([
      'Neo4j is not configured: NEO4J_URI and NEO4J_PASSWORD are not set',
    ]);
  });

  test('is all that is read: what belongs to another database may be wrong', () => {
    const wrong = { NEO4J_URI: 'http://graph.example', NEO4J_PASSWORD_FILE: '/nowhere' };
    const wrongToo = { POSTGRES_PORT: 'x', REDIS_URL: 'x', REDIS_PASSWORD_FILE: '/nowhere' };
    expect(load({ ...POSTGRES, ...wrong }, { scope: ['postgres'] })).toMatchObject({ neo4j: undefined });
    expect(load({ ...NEO4J, POSTGRES_PORT: 'x' }, { scope: ['neo4j'] })).toMatchObject({ postgres: undefined });
    expect(load({ ...wrong, ...wrongToo }, { scope: [] })).toMatchObject({ redis: undefined });
  });

  test('has defaults for everything else', () => {
    expect(load({ ...POSTGRES, ...NEO4J })).toEqual({
      postgres: {
        host: 'db.example',
        port: 5432,
        database: 'localrag',
        user: 'app',
        password: undefined,
        sslmode: 'prefer',
        tls: [{ servername: 'db.example', rejectUnauthorized: false, ca: [] }, false],
        channelBinding: 'prefer',
        connectTimeout: 10_000,
      },
      neo4j: { uri: 'neo4j://graph.example:7687', user: 'neo4j', password: 'graph-secret', database: undefined },
      redis: undefined,
      budgets: {
        waitTimeout: 120_000,
        lockTimeout: 90_000,
        statementTimeout: 0,
        ddlLockTimeout: 5_000,
        ddlLockRetryFor: 120_000,
        shutdownGrace: 20_000,
      },
      migrationsDir: '/image/migrations',
      logFormat: 'auto',
      logLevel: 'info',
      terminationLog: '/dev/termination-log',
      warnings: [],
    });
  });

  test('is frozen', () => {
    const config = load({ ...POSTGRES, ...NEO4J, REDIS_HOST: 'cache.example' });
    for (const part of [config, config.postgres, config.neo4j, config.redis, config.budgets, config.warnings]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

test('every problem is reported at once', () => {
  const env = {
    POSTGRES_HOST: 'db.example:5432',
    POSTGRES_PORT: '70000',
    POSTGRES_SSLMODE: 'no-verify',
    POSTGRES_PASSWORD_FILE: '/nowhere/password',
    NEO4J_URI: 'http://graph.example:7474',
    REDIS_HOST: 'cache.example',
    REDIS_DB: 'first',
    WAIT_TIMEOUT: '10',
    LOG_FORMAT: 'pretty',
  };
  const problems = problemsOf(() => load(env, { flags: { lockTimeout: '1 year', migrationsDir: '' } }));
  const expected = [
    'POSTGRES_HOST is not a host name or an address',
    'POSTGRES_PORT is not a port, 1 to 65535',
    'POSTGRES_SSLMODE is none of disable, allow, prefer, require, verify-ca, verify-full: "no-verify"',
    'POSTGRES_DB is not set',
    'POSTGRES_USER is not set',
    'POSTGRES_PASSWORD_FILE: /nowhere/password: no such file or directory',
    'NEO4J_URI does not begin with any of bolt://, bolt+s://, bolt+ssc://, neo4j://, neo4j+s://, neo4j+ssc://',
    'NEO4J_PASSWORD is not set',
    'REDIS_DB is not the number of a Redis database',
    'WAIT_TIMEOUT is not a duration such as 500ms, 90s, 5m or 2h: "10"',
    'LOG_FORMAT is none of auto, json, text: "pretty"',
    '--lock-timeout is not a duration such as 500ms, 90s, 5m or 2h: "1 year"',
    '--migrations-dir is empty',
  ];
  for (const problem of expected) expect(problems).toContainEqual(expect.stringContaining(problem));
  expect(problems).toHaveLength(expected.length);
});

describe('precedence', () => {
  test('is flags over environment over .env', () => {
    const dotenv = 'POSTGRES_HOST=from-dotenv\nPOSTGRES_DB=from-dotenv\nPOSTGRES_USER=from-dotenv\nLOCK_TIMEOUT=1s';
    const env = { POSTGRES_DB: 'from-environment', POSTGRES_USER: 'from-environment', LOCK_TIMEOUT: '2s' };
    const flags = { user: 'from-flag', lockTimeout: '3s' };
    const { postgres, budgets } = load(env, { scope: ['postgres'], flags, dotenv });
    expect(postgres).toMatchObject({ host: 'from-dotenv', database: 'from-environment', user: 'from-flag' });
    expect(budgets.lockTimeout).toBe(3_000);
  });

  test('lets each flag override its part of DATABASE_URL', () => {
    const env = { DATABASE_URL: 'postgresql://a:pw@b:1/c?sslmode=disable' };
    const flags = { host: '::1', port: '2', database: 'd', user: 'e', sslmode: 'require' };
    expect(postgres(env, { flags })).toMatchObject({ ...flags, port: 2, password: 'pw' });
  });

  test('gives --user and --database to PostgreSQL, and to Neo4j where that is alone', () => {
    const flags = { user: 'flagged', database: 'flagged' };
    const both = load({ ...POSTGRES, ...NEO4J }, { flags });
    expect([both.postgres?.user, both.postgres?.database]).toEqual(['flagged', 'flagged']);
    expect([both.neo4j?.user, both.neo4j?.database]).toEqual(['neo4j', undefined]);
    const alone = load(NEO4J, { scope: ['neo4j'], flags: { ...flags, uri: 'bolt://other:7687' } });
    expect(alone.neo4j).toMatchObject({ ...flags, uri: 'bolt://other:7687' });
  });

  test('lets the environment override .env without calling it a contradiction', () => {
    const dotenv = 'POSTGRES_HOST=one\nPOSTGRES_PASSWORD=first';
    const env = { DATABASE_URL: 'postgresql://app:second@two/localrag' };
    expect(postgres(env, { dotenv })).toMatchObject({ host: 'two', password: 'second' });
    expect(postgres({ PGHOST: 'three' }, { dotenv: `DATABASE_URL=${env.DATABASE_URL}` })).toMatchObject({
      host: 'three',
      password: 'second',
    });
  });

  test('does not look at what is overridden, and lends nothing of it', () => {
    const dotenv = 'DATABASE_URL=postgresql://dev:dev-password@localhost/dev\nPOSTGRES_PORT=x\nREDIS_URL=a#b';
    const env = { DATABASE_URL: 'postgresql://app@db.example/localrag', POSTGRES_PORT: 'y', REDIS_URL: 'redis://c' };
    const config = load(env, { scope: ['postgres'], flags: { port: '5433' }, dotenv });
    expect(config.postgres).toMatchObject({ user: 'app', password: undefined, port: 5433 });
  });

  test('takes an empty variable for one that is not set, and an empty flag for a mistake', () => {
    const env = { ...POSTGRES, DATABASE_URL: '', POSTGRES_PORT: '', POSTGRES_PASSWORD_FILE: '', LOG_LEVEL: '' };
    expect(load(env, { scope: ['postgres'] })).toMatchObject({ postgres: { port: 5432 }, logLevel: 'info' });
    expect(postgres(env, { dotenv: 'POSTGRES_PORT=5433' }).port).toBe(5433);
    expect(problemsOf(() => postgres(env, { flags: { database: '' } }))).toEqual([
      '--database is empty (give it a value, or leave the flag out)',
    ]);
  });
});

describe('values', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['0', 0],
    ['0s', 0],
  ])('STATEMENT_TIMEOUT=%s is %d ms', (STATEMENT_TIMEOUT, milliseconds) => {
    expect(load({ STATEMENT_TIMEOUT }, { scope: [] }).budgets.statementTimeout).toBe(milliseconds);
  });

  test.each(['10', '-1s', '1.5s', '1d', 's', '600h'])('WAIT_TIMEOUT=%s is refused', (WAIT_TIMEOUT) => {
    expect(problemsOf(() => load({ WAIT_TIMEOUT }, { scope: [] }))).toHaveLength(1);
  });

  test('DDL_LOCK_TIMEOUT=0 is refused: PostgreSQL would wait for ever', () => {
    expect(problemsOf(() => load({ DDL_LOCK_TIMEOUT: '0' }, { scope: [] }))).toHaveLength(1);
  });

  test.each([
    ['DEBUG', 'debug'],
    ['warning', 'warn'],
    ['WARN', 'warn'],
  ])("LOG_LEVEL=%s, as LocalRAG's own programs spell it, is %s", (LOG_LEVEL, logLevel) => {
    expect(load({ LOG_LEVEL }, { scope: [] })).toMatchObject({ logLevel });
  });

  test('other settings', () => {
    const env = { MIGRATIONS_DIR: '/mine', LOG_FORMAT: 'json', TERMINATION_LOG: '/tmp/reason' };
    expect(load(env, { scope: [] })).toMatchObject({
      migrationsDir: '/mine',
      logFormat: 'json',
      terminationLog: '/tmp/reason',
    });
  });
});

test('a port that Kubernetes made from the name of a Service is not read', () => {
  const { postgres, warnings } = load(
    { ...POSTGRES, POSTGRES_PORT: 'tcp://10.96.0.7:5433' },
    { scope: ['postgres'], dotenv: 'POSTGRES_PORT=5434' },
  );
  expect(postgres?.port).toBe(5434);
  expect(warnings).toEqual([expect.stringContaining('POSTGRES_PORT was made by Kubernetes')]);
});

test('a secret that ends with a line break gets a warning without the secret', () => {
  const { postgres, warnings } = load({ ...POSTGRES, POSTGRES_PASSWORD: 'hidden\n' }, { scope: ['postgres'] });
  expect(postgres?.password).toBe('hidden\n');
  expect(warnings).toEqual([expect.stringMatching(/^POSTGRES_PASSWORD ends with a line break/)]);
});

test('where and how to print is known even when the rest is wrong', () => {
  const env = { POSTGRES_PORT: 'x', LOG_FORMAT: 'pretty', LOG_LEVEL: 'debug', TERMINATION_LOG: '/tmp/reason' };
  expect(loadOutput(env, { logLevel: 'error' }, 'LOG_FORMAT=json')).toEqual({
    logFormat: 'auto',
    logLevel: 'error',
    terminationLog: '/tmp/reason',
  });
  expect(loadOutput({}, {}, 'LOG_FORMAT=json')).toMatchObject({ logFormat: 'json' });
});

describe('the table of variables', () => {
  const rows = Object.values(VARIABLES).flat();

  test('names each once, with what a person needs to know', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const { description, example } of rows) expect([description, example].every(Boolean)).toBe(true);
  });

  test('knows every secret', () => {
    expect(rows.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'DATABASE_URL',
      'POSTGRES_PASSWORD',
      'PGPASSWORD',
      'NEO4J_PASSWORD',
      'REDIS_URL',
      'REDIS_PASSWORD',
    ]);
  });

  test('has examples that are valid, and defaults that are what happens without the variable', () => {
    const isPath = (name: string) => /SSL(ROOTCERT|CERT|KEY)$/.test(name);
    for (const { name, example, default: fallback } of rows.filter((row) => !isPath(row.name))) {
      const base = { ...POSTGRES, ...NEO4J, REDIS_HOST: 'cache.example' };
      const alone = name === 'DATABASE_URL' ? NEO4J : name === 'REDIS_URL' ? { ...POSTGRES, ...NEO4J } : base;
      expect(() => load({ ...alone, [name]: example }), name).not.toThrow();
      if (fallback === undefined || name === 'MIGRATIONS_DIR') continue;
      expect(load({ ...base, [name]: fallback }), name).toEqual(load(base));
    }
  });
});
