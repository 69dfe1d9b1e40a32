import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ErrorKind, MigrateError } from '../../src/errors.ts';
import { EXIT } from '../../src/exit.ts';
import { terminationMessage } from '../../src/termination.ts';
import { ROOT, read } from '../docs/documents.ts';
import { anchorsOf } from '../docs/markdown.ts';
import { directoryOf, run } from '../program.ts';

const { version, homepage, repository } = JSON.parse(read('package.json'));
const PAGE = 'docs/failing-upgrade.md';
const urlOf = (kind: ErrorKind) => `${homepage}/blob/v${version}/${PAGE}#exit-${EXIT[kind].code}`;

/** Ends of the built program that need no server. */
const ENDS: readonly [ErrorKind, readonly string[], Readonly<Record<string, string>>][] = [
  ['config', ['migrate'], {}],
  ['unreachable', ['postgres', 'status'], { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/db', WAIT_TIMEOUT: '1ms' }],
  ['source', ['validate', '--migrations-dir', join(ROOT, 'test/process')], {}],
  ['usage', ['no-such-command'], {}],
];

test.each(ENDS)(
  '%s: on the screen, in the log, in the answer and in the termination message',
  async (kind, args, env) => {
    const TERMINATION_LOG = join(await directoryOf({}), 'message');
    const url = EXIT[kind].runbook ? urlOf(kind) : undefined;
    const text = await run(args, { env: { ...env, TERMINATION_LOG, LOG_FORMAT: 'text' } });
    const json = await run([...args, '--json'], { env: { ...env, LOG_FORMAT: 'json' } });

    expect([text.code, json.code]).toEqual([EXIT[kind].code, EXIT[kind].code]);
    if (url === undefined) expect(text.stderr).not.toContain('runbook');
    else expect(text.stderr).toMatch(new RegExp(`\\n {2}runbook: ${url.replaceAll('.', '\\.')}\\n$`));
    const error = json.events.at(-1);
    expect(error).toMatchObject({ event: 'error', code: EXIT[kind].code });
    expect(error?.runbook).toBe(url);
    if (kind !== 'usage') expect(JSON.parse(json.stdout).error.runbook).toBe(url);
    expect(JSON.parse(await readFile(TERMINATION_LOG, 'utf8')).runbook).toBe(url);
  },
);

test('the codes for which a person must act have one, and no other', () => {
  const codes = Object.values(EXIT).filter(({ runbook }) => runbook);
  expect(codes.map(({ code }) => code)).toEqual([1, 65, 69, 70, 75, 76, 77, 78]);
});

test('the page has an anchor for each of them', () => {
  const anchors = anchorsOf(read(PAGE));
  for (const { code, runbook } of Object.values(EXIT)) if (runbook) expect(anchors).toContain(`exit-${code}`);
});

test('package.json and the chart name the same place, and the page is in it', () => {
  expect(homepage).toBe(parse(read('charts/localrag-migrate/Chart.yaml')).home);
  expect(repository.url).toBe(`git+${homepage}.git`);
  expect(existsSync(join(ROOT, PAGE))).toBe(true);
});

const RESTORE_POINT = {
  time: '2026-11-28T11:00:00.000Z',
  postgresLsn: 'FFFFFFFF/FFFFFFFF',
  neo4jTransaction: 2 ** 53 - 1,
};
const long = (text: string, length: number) => text.repeat(length);

test.each([
  ['letters', 'a'],
  ['four bytes each', '😀'],
  ['six bytes each in JSON', '\u001b'],
  ['quotes', '"'],
])('however long everything is, the termination message is whole: %s', (_, text) => {
  const name = long(text, 250);
  const problem = { message: long(text, 5_000), hint: long(text, 5_000), place: { file: name, line: 1 } };
  const whole = {
    ...problem,
    means: long(text, 5_000),
    excerpt: long(text, 5_000),
    server: { code: '42703', detail: long(text, 5_000) },
    problems: Array.from({ length: 100 }, () => problem),
  };
  const { message: _message, ...short } = whole;
  for (const facts of [whole, { ...short, problems: [] }, { problems: whole.problems }, { hint: whole.hint }, {}])
    for (const length of [1, 500, 50_000])
      for (const tenant of [undefined, name])
        for (const applied of [[], Array.from({ length: 2_000 }, () => name)]) {
          const error = new MigrateError('failed', long(text, length), facts);
          const message = terminationMessage('failed', error, { tenant, applied, restorePoint: RESTORE_POINT });
          expect(Buffer.byteLength(message)).toBeLessThan(4096);
          expect(JSON.parse(message)).toMatchObject({
            code: 70,
            name: 'failed',
            ...(tenant !== undefined && { tenant }),
            runbook: expect.stringMatching(/failing-upgrade\.md#exit-70$/),
            restorePoint: RESTORE_POINT,
            again: false,
          });
        }
});
