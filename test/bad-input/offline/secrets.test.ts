import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { attempt, expectRefusal } from '../refusal.ts';
import { BOTH, expectProblems } from './configuring.ts';

test.each([
  ['that is not there', async () => undefined, 'no such file or directory'],
  ['that is a directory', (path: string) => mkdir(path), 'illegal operation on a directory'],
  ['that is empty', (path: string) => writeFile(path, '\n'), 'is empty'],
])('the file of a secret %s', async (_, make, reason) => {
  const directory = await mkdtemp(join(tmpdir(), 'secrets-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'password');
  await make(file);
  const { POSTGRES_PASSWORD: _password, ...rest } = BOTH;
  await expectProblems('migrate', { ...rest, POSTGRES_PASSWORD_FILE: file }, [
    { says: `POSTGRES_PASSWORD_FILE: ${file}: ${reason}`, hint: 'check the path and how the Secret is mounted' },
  ]);
});

test('a .env that cannot be read, and one with a password that Node would cut', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'dotenv-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, '.env'));
  const unreadable = await attempt(['migrate'], { env: BOTH, cwd: directory });
  expectRefusal(unreadable, {
    kind: 'config',
    says: 'one problem',
    problems: [
      { says: `cannot read ${join(directory, '.env')}: illegal operation on a directory`, hint: 'make it readable' },
    ],
  });

  await rm(join(directory, '.env'), { recursive: true });
  await writeFile(join(directory, '.env'), Buffer.from('POSTGRES_PASSWORD=corr\xe8ct', 'latin1'));
  const latin = await attempt(['migrate'], { env: BOTH, cwd: directory, secrets: ['corr'] });
  expectRefusal(latin, {
    kind: 'config',
    says: 'one problem',
    problems: [
      { says: `cannot read ${join(directory, '.env')}: it is not encoded in UTF-8`, hint: 'make it readable' },
    ],
  });
});
