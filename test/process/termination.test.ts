import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { directoryOf, run } from '../program.ts';

test.for([['--strict'], ['--strict', '--sarif']])(
  'a command that finds fault says on the pod what it is, not the beginning of its report: validate %s',
  async (flags) => {
    const MIGRATIONS_DIR = await directoryOf({
      '001_a.sql': 'CREATE TABLE a (id bigint, at timestamp);\n-- rollback: DROP TABLE a;\n',
    });
    const TERMINATION_LOG = join(MIGRATIONS_DIR, '.termination-log');
    const { code, stdout } = await run(['validate', ...flags], { env: { MIGRATIONS_DIR, TERMINATION_LOG } });
    expect(code, stdout).toBe(EXIT.pending.code);
    const told = JSON.parse(await readFile(TERMINATION_LOG, 'utf8'));
    expect(told).toMatchObject({ code: EXIT.pending.code, name: 'pending' });
    expect(JSON.stringify(told)).toContain('[timestamp-without-zone]');
    expect(JSON.stringify(told)).not.toContain('$schema');
  },
);

test('TERMINATION_LOG counts wherever it is set, also if the file does not exist: .env, and the file of a tenant', async () => {
  const directory = await directoryOf({});
  const fromDotenv = join(directory, 'from-dotenv');
  await writeFile(join(directory, '.env'), `TERMINATION_LOG=${fromDotenv}\nPOSTGRES_PORT=five\n`);
  const ended = await run(['migrate'], { cwd: directory });
  expect(ended.code).toBe(EXIT.config.code);
  expect(JSON.parse(await readFile(fromDotenv, 'utf8'))).toMatchObject({ code: EXIT.config.code });

  const fromTenant = join(directory, 'from-tenant');
  const TENANTS_DIR = await directoryOf({ 'acme.env': `TERMINATION_LOG='${fromTenant}'\nPOSTGRES_PORT=five\n` });
  await run(['migrate', '--tenant-index', '0'], { env: { TENANTS_DIR } });
  expect(JSON.parse(await readFile(fromTenant, 'utf8'))).toMatchObject({ code: EXIT.config.code, tenant: 'acme' });
});
