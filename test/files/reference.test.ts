import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadReference } from '../../src/files/reference.ts';
import { directoryOf } from '../program.ts';

const EMPTY = { format: 1, files: {}, stages: { postgres: [], neo4j: [] } };

test('a reference is read, or there is a reason why not', async () => {
  const load = async (files: Record<string, string>) => loadReference(await directoryOf(files));
  expect(await load({ 'schema.json': JSON.stringify(EMPTY) })).toEqual(EMPTY);
  expect(await load({})).toBe('there is no schema.json beside the migrations');
  expect(await load({ 'schema.json': '{"tables": []}' })).toBe('schema.json is not what npm run schema writes');
  const directory = await directoryOf({});
  await mkdir(join(directory, 'schema.json'));
  expect(await loadReference(directory)).toMatch(/^schema.json cannot be read: EISDIR/);
});
