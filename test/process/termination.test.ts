import { readFile } from 'node:fs/promises';
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
