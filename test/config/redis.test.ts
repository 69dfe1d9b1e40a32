import { describe, expect, test } from 'vitest';
import { load, POSTGRES, problemsOf } from './loading.ts';

const redis = (env: Record<string, string>) => load({ ...POSTGRES, ...env }, { scope: ['postgres'] }).redis;

test.each<[Record<string, string>, string, string | undefined]>([
  [{ REDIS_URL: 'redis://cache.example' }, 'redis://cache.example:6379/0', undefined],
  [{ REDIS_URL: 'rediss://app:p%40ss@cache.example:6380/2' }, 'rediss://app@cache.example:6380/2', 'p@ss'],
  [{ REDIS_URL: 'redis://:secret@[::1]:6379/1' }, 'redis://[::1]:6379/1', 'secret'],
  [{ REDIS_URL: 'redis://:100%@cache.example' }, 'redis://cache.example:6379/0', '100%'],
  [{ REDIS_URL: 'redis://cache.example', REDIS_PASSWORD: 'secret' }, 'redis://cache.example:6379/0', 'secret'],
  [{ REDIS_HOST: 'cache.example' }, 'redis://cache.example:6379/0', undefined],
  [{ REDIS_HOST: '::1', REDIS_PORT: '1', REDIS_DB: '3', REDIS_PASSWORD: 'pw' }, 'redis://[::1]:1/3', 'pw'],
])('%o is %s, the password apart', (env, url, password) => {
  expect(redis(env)).toEqual({ url, password });
});

test('is not configured without a host', () => {
  expect(redis({ REDIS_PORT: '6379', REDIS_PASSWORD: 'secret' })).toBeUndefined();
});

describe('is refused, without a secret in the words', () => {
  test.each([
    [{ REDIS_URL: 'http://:SECRET@cache.example' }, 'REDIS_URL is not a URL such as'],
    [{ REDIS_URL: 'redis://:SEC#RET@cache.example' }, 'REDIS_URL is not a URL such as'],
    [{ REDIS_URL: 'redis://u:12/SECRET@cache.example' }, 'REDIS_URL is not a URL such as'],
    [{ REDIS_URL: 'redis://:%41%SECRET@cache.example' }, 'has a % in its password that escapes no character'],
    [{ REDIS_URL: 'redis://cache.example/SECRET' }, 'REDIS_URL is not a URL such as'],
    [{ REDIS_HOST: '/run/redis.sock' }, 'REDIS_HOST is not a host name'],
    [
      { REDIS_URL: 'redis://:SECRET1@cache.example', REDIS_PASSWORD: 'SECRET2' },
      'REDIS_URL and REDIS_PASSWORD tell different passwords',
    ],
    [{ REDIS_URL: 'redis://cache.example', REDIS_HOST: 'other' }, 'REDIS_URL and REDIS_HOST tell different hosts'],
  ])('%o', (env, words) => {
    const problems = problemsOf(() => redis(env));
    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems.join()).not.toMatch(/SEC|RET/);
  });
});
