import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manualPostgres } from '../../src/config.ts';
import { collectSecrets, redact } from '../../src/secrets.ts';
import { load, NEO4J, POSTGRES } from './loading.ts';

describe('collectSecrets', () => {
  test('finds them in the environment, valid or not, in scope or not', () => {
    const env = {
      DATABASE_URL: 'postgresql://app:one%2Fsecret@db.example/localrag',
      POSTGRES_PASSWORD: 'two-secret\n',
      PGPASSWORD: 'three-secret',
      NEO4J_PASSWORD: 'four-secret',
      REDIS_URL: 'redis://:five-secret@cache.example',
      REDIS_PASSWORD: 'six-secret',
      POSTGRES_USER: 'not-a-secret',
    };
    expect(collectSecrets(env)).toEqual([
      'one/secret',
      'two-secret',
      'three-secret',
      'four-secret',
      'five-secret',
      'six-secret',
    ]);
    expect(collectSecrets({ DATABASE_URL: 'mysql://app:pass:w@rd@db/x', REDIS_URL: 'redis://:no#t@c' })).toEqual([
      'pass:w@rd',
      'no#t',
    ]);
  });

  test('finds the password among the parameters of DATABASE_URL', () => {
    expect(collectSecrets({ DATABASE_URL: 'postgresql://h/d?user=app&password=one%26secret' })).toEqual(['one&secret']);
  });

  test('finds those that came from elsewhere in the configuration', () => {
    const config = load(
      { ...POSTGRES, ...NEO4J, REDIS_HOST: 'c' },
      { dotenv: 'PGPASSWORD=pg\nREDIS_PASSWORD=redis-pw' },
    );
    expect(collectSecrets({}, config)).toEqual(['pg', 'graph-secret', 'redis-pw']);
    expect(collectSecrets({}, { postgres: manualPostgres({}, 'typed') })).toEqual(['typed']);
  });

  test('passes over words that are no secret: names of users, databases and hosts', () => {
    const same = { POSTGRES_HOST: 'name', POSTGRES_DB: 'name', POSTGRES_USER: 'name', POSTGRES_PASSWORD: 'name' };
    expect(collectSecrets(same, load(same, { scope: ['postgres'] }))).toEqual([]);
    expect(collectSecrets({ DATABASE_URL: 'postgresql://app_owner:app_owner@h/d', NEO4J_PASSWORD: 'neo4j' })).toEqual(
      [],
    );
    expect(collectSecrets({}, { postgres: manualPostgres({}, 'localrag') })).toEqual([]);
  });
});

describe('redact', () => {
  test('masks a secret in every spelling', () => {
    const secret = 'p@ss"w\\rd';
    const text = `${secret} ${encodeURIComponent(secret)} ${JSON.stringify({ secret })}`;
    expect(redact(text, [secret])).toBe('*** *** {"secret":"***"}');
  });

  test('masks the longer of two secrets whole', () => {
    expect(redact('secret-extended secret', ['secret', 'secret-extended'])).toBe('*** ***');
  });

  test('leaves a text alone where a secret is too short to be masked', () => {
    expect(redact('a banana', ['a', 'an', 'ana'])).toBe('a banana');
  });

  test.each([
    ['see postgresql+asyncpg://u:p@h:5432/d now', 'see postgresql+asyncpg://***@h:5432/d now'],
    ['bolt://neo4j:a/b#c@d@graph.example', 'bolt://***@graph.example'],
    ['{"url":"redis://:pw@h","mail":"a@b"}', '{"url":"redis://***@h","mail":"a@b"}'],
    ['{"url":"redis://:p\\"w@h"}', '{"url":"redis://***@h"}'],
    ['neo4j://graph.example:7687 and a@b', 'neo4j://graph.example:7687 and a@b'],
    ['postgresql://USER:PASSWORD@db.example', 'postgresql://USER:PASSWORD@db.example'],
  ])('masks user and password of the URL in %s', (text, masked) => {
    expect(redact(text, [])).toBe(masked);
  });

  test('leaves no secret in any text, and JSON stays JSON', () => {
    const secrets = fc.array(fc.string({ unit: 'binary', minLength: 4 }).filter((secret) => !secret.includes('*')));
    fc.assert(
      fc.property(secrets, fc.array(fc.string()), (known, words) => {
        const text = redact([...words, ...known].join(' '), known);
        for (const secret of known) expect(text).not.toContain(secret);
      }),
    );
  });
});
