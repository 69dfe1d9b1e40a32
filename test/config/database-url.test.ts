import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { load, postgres, problemsOf } from './loading.ts';

const fromUrl = (DATABASE_URL: string, env = {}) => postgres({ DATABASE_URL, ...env });

describe('DATABASE_URL', () => {
  test.each([
    ['postgres://u:p@h/d'],
    ['postgresql://u:p@h/d'],
    ['postgresql+asyncpg://u:p@h/d'],
    ['postgresql+psycopg2://u:p@h/d'],
    ['POSTGRESQL+psycopg://u:p@h:5432/d'],
    [' postgresql://u:p@h:/d\n'],
  ])('%j is one and the same', (url) => {
    expect(fromUrl(url)).toMatchObject({ host: 'h', port: 5432, database: 'd', user: 'u', password: 'p' });
  });

  test.each<[string, object]>([
    ['postgresql://u@[::1]:5433/d', { host: '::1', port: 5433, password: undefined }],
    ['postgresql://u@[fe80::1%25eth0]/d', { host: 'fe80::1%eth0' }],
    ['postgresql://u:p@10.0.0.7/d', { host: '10.0.0.7' }],
    ['postgresql://u:p@db_service/d', { host: 'db_service' }],
    ['postgresql://u:p@/d?host=/var/run/postgresql', { host: '/var/run/postgresql' }],
    ['postgresql:///d?host=h', { host: 'h', user: 'other' }],
    ['postgresql://u:p@%2Fvar%2Frun%2Fpostgresql/d', { host: '/var/run/postgresql' }],
    ['postgresql://%75ser:p%40ss%3A%2f@h/my%20db', { user: 'user', password: 'p@ss:/', database: 'my db' }],
    ['postgresql://u:p@h/d?connect_timeout=3', { connectTimeout: 3_000 }],
    ['postgresql://u:p@h/d?target_session_attrs=read-write&channel_binding=prefer', { channelBinding: 'prefer' }],
    ['postgresql://u:p@h/d?target_session_attrs=any&channel_binding=disable', { channelBinding: 'disable' }],
    ['postgresql://u:p@h/d?target_session_attrs=primary', {}],
    ['postgresql://u:p@:5433/d?host=127.0.0.1', { host: '127.0.0.1', port: 5433 }],
    ['postgresql://u:p@:5433/d?host=/run/postgresql', { host: '/run/postgresql', port: 5433 }],
    ['postgresql://u:p@/d?host=h&port=5433', { host: 'h', port: 5433 }],
    ['postgresql://h:5433/d?user=other&password=p%26q', { user: 'other', password: 'p&q', port: 5433 }],
    ['postgresql://u:p@h?dbname=d', { database: 'd' }],
  ])('%s', (url, expected) => {
    const env = url.includes('u:p@') || url.includes('u@') || url.includes('%75') ? {} : { POSTGRES_USER: 'other' };
    expect(fromUrl(url, env)).toMatchObject(expected);
  });

  test.each([
    ['?ssl=disable', 'disable'],
    ['?ssl=false', 'disable'],
    ['?ssl=False', 'disable'],
    ['?ssl=true', 'require'],
    ['?ssl=1', 'require'],
    ['?ssl=prefer', 'prefer'],
    ['?ssl=verify-full', 'verify-full'],
    ['?sslmode=disable', 'disable'],
    ['?sslmode=allow', 'allow'],
    ['?sslmode=require&ssl=true', 'require'],
    ['', 'prefer'],
  ])('%s is sslmode %s', (query, sslmode) => {
    expect(fromUrl(`postgresql://u:p@h/d${query}`).sslmode).toBe(sslmode);
  });

  test('application_name is accepted with a warning', () => {
    const url = 'postgresql://u:p@h/d?application_name=me@work';
    const { postgres, warnings } = load({ DATABASE_URL: url }, { scope: ['postgres'] });
    expect(postgres).toMatchObject({ host: 'h', password: 'p' });
    expect(warnings).toEqual([expect.stringContaining('application_name')]);
  });

  test.each([
    ['mysql://u:SECRET@h/d', 'does not begin with postgresql://'],
    ['SECRET', 'does not begin with postgresql://'],
    ['postgresql://u:SECRET@h:x/d', 'the port in DATABASE_URL is not a port'],
    ['postgresql://u:x@h?secret=x@h:x/d', 'the port in DATABASE_URL is not a port'],
    ['postgresql://u:SECRET@h:0/d', 'the port in DATABASE_URL is not a port'],
    ['postgresql://u:SECRET@h:70000/d', 'the port in DATABASE_URL is not a port'],
    ['postgresql://u:SECRET@h1,h2/d', 'names several hosts'],
    ['postgresql://u:SECRET@h1:5432,h2:5432/d', 'names several hosts'],
    ['postgresql://u:SECRET@[::g]/d', 'the host in DATABASE_URL is not a host'],
    ['postgresql://u:SECRET@h/d/e', 'write @ as %40'],
    ['postgresql://u:SECRET@h/d#e', 'write @ as %40'],
    ['postgresql://u:SECRET%40%@h/d', 'has a % in its password that escapes no character'],
    ['postgresql://u:SECRET%ff@h/d', 'has a % in its password that escapes no character'],
    ['postgresql://u:SECRET@h/%d', "has a % in its database's name"],
    ['postgresql://u:SECRET@h/d?sslmode=on', 'sslmode in DATABASE_URL is none of disable'],
    ['postgresql://u:SECRET@h/d?ssl=require&sslmode=disable', 'tell different modes'],
    ['postgresql://u:SECRET@h/d?sslmode=allow&sslmode=allow', 'has a parameter twice'],
    ['postgresql://u:SECRET@h/d?options=-csearch_path%3Dx', 'the parameter options, which is not supported'],
    ['postgresql://u:SECRET@h/d?pgbouncer=true', 'the parameter pgbouncer, which is not supported'],
    ['postgresql://u:SECRET@h/d?constructor=1', 'the parameter constructor, which is not supported'],
    ['postgresql://u:SECRET@h/d?channel_binding=on', 'channel_binding in DATABASE_URL is none of disable, prefer'],
    ['postgresql://u:SECRET@h/d?target_session_attrs=standby', 'is none of any, read-write, primary: "standby"'],
    ['postgresql://u:SECRET@:1,:2/d?host=h1,h2', 'host in DATABASE_URL names several hosts'],
    ['postgresql://u:SECRET@:1,:2/d?host=h1', 'the port in DATABASE_URL is not a port'],
    ['postgresql://u:SECRET@h1,h2:5432/d', 'names several hosts'],
    ['postgresql://u:SECRET@h:1/d?port=2', 'tell different ports'],
    ['postgresql://u:SECRET@h/d?password=SECRET2', 'tell different passwords'],
    ['postgresql://u:SECRET@h/d?currentSchema=x', 'the parameter currentSchema, which is not supported'],
    ['postgresql://u:SECRET@h/d?targetServerType=primary', 'the parameter targetServerType, which is not supported'],
    ['postgresql://u:SECRET@h/d?connect_timeout=0', 'is not a whole number of seconds'],
    ['postgresql://u:SECRET@h/d?host=other', 'tell different hosts'],
  ])('%s is refused in words that show no secret', (url, words) => {
    const problems = problemsOf(() => fromUrl(url));
    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems.join()).not.toMatch(/SECRET|secret/);
  });

  test('reports all of its problems, and what is missing', () => {
    expect(problemsOf(() => fromUrl('postgresql://h:x?channel_binding=a&sslmode=b'))).toEqual([
      expect.stringMatching(/^sslmode in DATABASE_URL is none of/),
      expect.stringMatching(/^channel_binding in DATABASE_URL is none of disable, prefer, require/),
      'the port in DATABASE_URL is not a port, 1 to 65535',
      'POSTGRES_DB is not set, and DATABASE_URL does not tell it either',
      'POSTGRES_USER is not set, and DATABASE_URL does not tell it either',
    ]);
  });
});

describe('a password in DATABASE_URL', () => {
  test.each(['p#w', 'p@w', 'p/w', 'p?w', 'p:w', 'p%w', '100%', 'a@b/c#d?e:f', '#', '12/34@', 'x y', 'ö"\\'])(
    '%s is understood as it is',
    (password) => {
      expect(fromUrl(`postgresql+asyncpg://u:${password}@h:5432/d?ssl=disable`)).toMatchObject({
        host: 'h',
        user: 'u',
        password,
        database: 'd',
        sslmode: 'disable',
      });
    },
  );

  test('is understood when it is escaped, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (password) => {
        expect(fromUrl(`postgresql://u:${encodeURIComponent(password)}@h/d`).password).toBe(password);
      }),
    );
  });

  test('that is not escaped is understood or refused: never cut, and never shown', () => {
    const characters = fc.constantFrom('@', ':', '/', '?', '#', '%', '&', '=', ',', '[', '7', 'x');
    const passwords = fc
      .array(characters, { minLength: 1, maxLength: 8 })
      .map((parts) => `S3${parts.join('')}xcret`)
      .filter((password) => !/%7/.test(password)); // an escape, whoever wrote it
    fc.assert(
      fc.property(passwords, (password) => {
        const read = () => fromUrl(`postgresql://u:${password}@h/d`);
        try {
          expect(read()).toMatchObject({ host: 'h', user: 'u', password, database: 'd' });
        } catch {
          expect(problemsOf(read).join()).not.toMatch(/S3|cret/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a password that .env puts into DATABASE_URL', () => {
  const fromParts = (password: string) =>
    postgres(
      {},
      {
        dotenv: `POSTGRES_PASSWORD='${password}'\nDATABASE_URL=postgresql+asyncpg://u:\${POSTGRES_PASSWORD}@h:5432/d`,
      },
    );

  test.each(['p@w', 'p/w', 'p#w', 'p:w', 'p?w', 'p%w', '100%', '@', 'p@x/y', 'p@x:1/y', 'p w', 'p+w'])(
    '%s agrees with POSTGRES_PASSWORD',
    (password) => {
      expect(fromParts(password)).toMatchObject({ host: 'h', port: 5432, database: 'd', user: 'u', password });
    },
  );

  test('is one problem where SQLAlchemy would read an escape in it', () => {
    expect(problemsOf(() => fromParts('p%41w'))).toEqual([
      'DATABASE_URL in .env and POSTGRES_PASSWORD in .env tell different passwords (in the password in DATABASE_URL write % as %25, or keep one of them)',
    ]);
    expect(problemsOf(() => fromParts('p%41%w'))).toEqual([
      'DATABASE_URL in .env has a % in its password that escapes no character; write it as %25',
    ]);
  });
});

describe('DATABASE_URL and single variables', () => {
  const DATABASE_URL = 'postgresql://app:SECRET1@db.example:5433/localrag?sslmode=require';
  const equal = {
    POSTGRES_HOST: 'db.example',
    POSTGRES_PORT: '5433',
    POSTGRES_DB: 'localrag',
    POSTGRES_USER: 'app',
    POSTGRES_PASSWORD: 'SECRET1',
    POSTGRES_SSLMODE: 'require',
  };

  test('may say the same', () => {
    expect(fromUrl(DATABASE_URL, equal)).toEqual(fromUrl(DATABASE_URL));
  });

  test('complete each other', () => {
    const env = { POSTGRES_PASSWORD: 'SECRET2', PGDATABASE: 'localrag', POSTGRES_SSLMODE: 'disable' };
    expect(fromUrl('postgresql://app@db.example', env)).toMatchObject({
      database: 'localrag',
      password: 'SECRET2',
      sslmode: 'disable',
    });
  });

  test.each([
    ['POSTGRES_HOST', 'other', 'hosts'],
    ['POSTGRES_PORT', '5432', 'ports'],
    ['POSTGRES_DB', 'other', 'databases'],
    ['POSTGRES_USER', 'other', 'users'],
    ['POSTGRES_PASSWORD', 'SECRET2', 'passwords'],
    ['PGPASSWORD', 'SECRET2', 'passwords'],
    ['PGHOST', 'other', 'hosts'],
  ])('that contradict each other in %s are refused', (name, value, what) => {
    const problems = problemsOf(() => fromUrl(DATABASE_URL, { [name]: value }));
    expect(problems).toEqual([expect.stringContaining(`DATABASE_URL and ${name} tell different ${what}`)]);
    expect(problems.join()).not.toContain('SECRET');
  });

  test('that contradict each other in sslmode are refused by its name', () => {
    expect(problemsOf(() => fromUrl(DATABASE_URL, { POSTGRES_SSLMODE: 'disable' }))).toEqual([
      expect.stringContaining('sslmode in DATABASE_URL and POSTGRES_SSLMODE tell different modes of TLS'),
    ]);
  });
});

test('POSTGRES_* wins over PG*, and PG* alone is enough', () => {
  const PG = {
    PGHOST: 'pg',
    PGPORT: '1',
    PGDATABASE: 'pg',
    PGUSER: 'pg',
    PGPASSWORD: 'pg',
    PGSSLMODE: 'disable',
    PGCONNECT_TIMEOUT: '7',
  };
  const alone = { host: 'pg', port: 1, database: 'pg', user: 'pg', password: 'pg', sslmode: 'disable' };
  expect(postgres(PG)).toMatchObject({ ...alone, connectTimeout: 7_000 });
  const own = { POSTGRES_HOST: '[::1]', POSTGRES_PORT: '2', POSTGRES_DB: 'own', POSTGRES_USER: 'own' };
  expect(postgres({ ...PG, ...own, POSTGRES_PASSWORD: 'own', POSTGRES_SSLMODE: 'require' })).toMatchObject({
    host: '::1',
    port: 2,
    database: 'own',
    user: 'own',
    password: 'own',
    sslmode: 'require',
  });
});
