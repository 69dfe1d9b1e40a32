import { test } from 'vitest';
import type { Told } from '../refusal.ts';
import { BOTH, expectProblems, NEO4J, URL_OF_NOBODY } from './configuring.ts';

test.each<[what: string, url: string, told: Told]>([
  [
    'another scheme',
    'mysql://app:correct-horse@127.0.0.1:1/localrag',
    { says: 'DATABASE_URL does not begin with postgresql://' },
  ],
  [
    'an address that never ends',
    URL_OF_NOBODY.replace('127.0.0.1', '[::1'),
    {
      says: 'DATABASE_URL is not a URL such as postgresql://USER:PASSWORD@db.example:5432/localrag; in user name and password write @ as %40',
    },
  ],
  [
    'a port that is none',
    URL_OF_NOBODY.replace(':1/', ':99999/'),
    { says: 'the port in DATABASE_URL is not a port, 1 to 65535' },
  ],
  [
    'several hosts',
    URL_OF_NOBODY.replace(':1/', ':1,127.0.0.2:1/'),
    { says: 'the host in DATABASE_URL names several hosts' },
  ],
  [
    'a mode of TLS that is none',
    `${URL_OF_NOBODY}?sslmode=off`,
    { says: 'sslmode in DATABASE_URL is none of disable' },
  ],
  [
    'a parameter that is not honoured',
    `${URL_OF_NOBODY}?options=-csearch_path%3Dx`,
    {
      says: 'DATABASE_URL has the parameter options, which is not supported',
      hint: 'take options out of DATABASE_URL',
    },
  ],
  [
    'a parameter of another driver',
    `${URL_OF_NOBODY}?currentSchema=app`,
    {
      says: 'DATABASE_URL has the parameter currentSchema, which is not supported',
      hint: 'take currentSchema out of DATABASE_URL: set it at the role: ALTER ROLE … SET search_path = …',
    },
  ],
  [
    'a demand that cannot be met without TLS',
    `${URL_OF_NOBODY}?sslmode=disable&channel_binding=require`,
    {
      says: 'channel_binding in DATABASE_URL is require, which needs TLS, but sslmode is disable',
      hint: 'POSTGRES_SSLMODE=require',
    },
  ],
  [
    'no database',
    'postgresql://app:correct-horse@127.0.0.1:1',
    { says: 'POSTGRES_DB is not set, and DATABASE_URL does not tell it either' },
  ],
])('DATABASE_URL with %s', (_, url, told) => expectProblems('migrate', { ...NEO4J, DATABASE_URL: url }, [told]));

test('DATABASE_URL and single parts that contradict it', () =>
  expectProblems(
    'migrate',
    {
      ...BOTH,
      DATABASE_URL: 'postgresql://root:tr0ub4dor@localhost:2/other?sslmode=require',
      POSTGRES_SSLMODE: 'disable',
    },
    ['hosts', 'ports', 'databases', 'users', 'passwords', 'modes of TLS'].map((what) => ({
      says: new RegExp(`DATABASE_URL and POSTGRES_\\w+ tell different ${what}$`, 'm'),
      hint: 'keep one of them, or make them equal',
    })),
  ));
