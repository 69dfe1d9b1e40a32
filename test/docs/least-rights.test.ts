import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { read } from './documents.ts';
import { type Checkout, openCheckout } from './followed.ts';
import { blocksOf } from './markdown.ts';

const BLOCKS = blocksOf(read('README.md'));

let checkout: Checkout;
const shell: Checkout['shell'] = (script, settings) => checkout.shell(script, settings);

beforeAll(async () => {
  checkout = await openCheckout();
});
afterAll(() => checkout?.close());

describe("the README's SQL for least rights", () => {
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
