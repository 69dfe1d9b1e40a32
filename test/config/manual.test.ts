import { describe, expect, test } from 'vitest';
import { manualNeo4j, manualPostgres } from '../../src/config.ts';
import { load, problemsOf } from './loading.ts';

describe('migrate-manual', () => {
  test("reads flags alone, and the guide's addresses stand in for those that are missing", () => {
    expect(manualPostgres({ database: 'localrag_dev' }, 'secret')).toEqual({
      host: 'localhost',
      port: 5432,
      database: 'localrag_dev',
      user: 'localrag',
      password: 'secret',
      sslmode: 'prefer',
      tls: [{ servername: 'localhost', rejectUnauthorized: false, ca: [] }, false],
      channelBinding: 'prefer',
      connectTimeout: 10_000,
    });
    expect(manualPostgres({ host: '10.0.0.7', port: '5433', user: 'owner', sslmode: 'disable' }, undefined)).toEqual({
      host: '10.0.0.7',
      port: 5433,
      database: 'localrag',
      user: 'owner',
      password: undefined,
      sslmode: 'disable',
      tls: [false],
      channelBinding: 'prefer',
      connectTimeout: 10_000,
    });
    expect(manualNeo4j({}, 'secret')).toEqual({
      uri: 'bolt://localhost:7687',
      user: 'neo4j',
      password: 'secret',
      database: undefined,
    });
    expect(manualNeo4j({ uri: 'neo4j+s://graph', user: 'a', database: 'b' }, 'secret')).toEqual({
      uri: 'neo4j+s://graph',
      user: 'a',
      password: 'secret',
      database: 'b',
    });
  });

  test('reports every problem at once, by the flags', () => {
    const flags = { host: 'a b', port: 'x', database: '', sslmode: 'no', uri: 'http://graph' };
    expect(problemsOf(() => manualPostgres(flags, 'secret'))).toEqual([
      '--database is empty (give it a value, or leave the flag out)',
      expect.stringMatching(/^--host is not a host name/),
      expect.stringMatching(/^--port is not a port/),
      expect.stringMatching(/^--sslmode is none of/),
    ]);
    expect(problemsOf(() => manualNeo4j(flags, 'secret'))).toEqual([
      '--database is empty (give it a value, or leave the flag out)',
      expect.stringMatching(/^--uri does not begin/),
    ]);
  });

  test('has its budgets from flags or defaults', () => {
    expect(load({}, { scope: [], flags: { lockTimeout: '3s' } }).budgets).toMatchObject({
      lockTimeout: 3_000,
      waitTimeout: 120_000,
    });
  });
});
