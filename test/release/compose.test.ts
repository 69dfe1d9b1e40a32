import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config.ts';
import { read } from '../docs/documents.ts';
import { freshPair } from '../journeys/pair.ts';
import { run } from '../program.ts';
import { removeAtExit } from '../servers/lifetime.ts';

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

const { services } = parse(read('examples/compose.yaml')) as { services: Readonly<Record<string, Service>> };
const { environment, secrets } = services.migrate as Service;

test('the service migrate sets only variables that the program knows', () => {
  const known = Object.values(VARIABLES)
    .flat()
    .flatMap(({ name, secret }) => [name, ...(secret ? [`${name}_FILE`] : [])]);
  for (const name of Object.keys(environment)) expect(known).toContain(name);
});

test('its settings and secret files are enough to migrate', async () => {
  const { postgres, neo4j } = await freshPair();
  const contents: Readonly<Record<string, string>> = {
    POSTGRES_PASSWORD_FILE: postgres.password,
    NEO4J_PASSWORD_FILE: neo4j.password,
  };
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-compose-'));
  removeAtExit(directory);
  const mounted: Record<string, string> = {};
  for (const [name, password] of Object.entries(contents)) {
    const path = environment[name] ?? '';
    expect(secrets).toContain(basename(path));
    expect(path).toBe(`/run/secrets/${basename(path)}`);
    mounted[name] = join(directory, basename(path));
    // As `echo` writes it.
    await writeFile(mounted[name], `${password}\n`);
    await chmod(mounted[name], 0o644);
  }
  const servers = {
    POSTGRES_HOST: postgres.host,
    POSTGRES_PORT: String(postgres.port),
    POSTGRES_DB: postgres.database,
    POSTGRES_USER: postgres.user,
    NEO4J_URI: neo4j.uri,
  };
  for (const name of ['POSTGRES_HOST', 'POSTGRES_DB', 'POSTGRES_USER', 'NEO4J_URI'])
    expect(environment).toHaveProperty(name);
  const env = { ...environment, ...servers, ...mounted };
  expect((await run(['migrate'], { env })).code).toBe(0);
  expect((await run(['status', '--exit-code'], { env })).code).toBe(0);
});
