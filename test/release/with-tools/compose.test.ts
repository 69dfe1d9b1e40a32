import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../docs/documents.ts';
import { type Ended, execute } from '../../execute.ts';
import { type GoProgram, goProgram } from '../../manifests/go-program.ts';
import { removeAtExit } from '../../servers/lifetime.ts';
import { hasGo } from './prerequisites.ts';

/** What `docker compose config` reads a file with. */
const COMPOSE: GoProgram = {
  name: 'compose',
  version: '2.16.2',
  module: 'module compose\n\ngo 1.24.0\n\nrequire github.com/compose-spec/compose-go/v2 v2.16.2\n',
};

interface Service {
  readonly image: string;
  readonly healthcheck?: object;
  readonly secrets?: readonly object[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

describe.skipIf(!(await hasGo('the Compose files')))('Compose', () => {
  let load: (file: string) => Promise<Ended>;

  beforeAll(async () => {
    const program = await goProgram(COMPOSE);
    load = (file) => execute(program, [file]);
  });

  /** A copy of examples/compose.yaml, changed. */
  async function changed(pattern: RegExp, replacement: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-compose-'));
    removeAtExit(directory);
    const text = await readFile(join(ROOT, 'examples/compose.yaml'), 'utf8');
    expect(text).toMatch(pattern);
    const file = join(directory, 'compose.yaml');
    await cp(join(ROOT, 'examples/compose.yaml'), file);
    await writeFile(file, text.replace(pattern, replacement));
    return file;
  }

  test('accepts docker-compose.yml', async () => {
    const { code, stderr } = await load(join(ROOT, 'docker-compose.yml'));
    expect([code, stderr]).toEqual([0, '']);
  });

  test('accepts examples/compose.yaml: migrate waits for the databases, the application for migrate', async () => {
    const { code, stdout, stderr } = await load(join(ROOT, 'examples/compose.yaml'));
    expect([code, stderr]).toEqual([0, '']);
    const { services } = JSON.parse(stdout) as { services: Readonly<Record<string, Service>> };
    const conditions = (service: string) =>
      Object.fromEntries(
        Object.entries(services[service]?.depends_on ?? {}).map(([name, { condition }]) => [name, condition]),
      );
    expect(conditions('migrate')).toEqual({ postgres: 'service_healthy', neo4j: 'service_healthy' });
    expect(conditions('application')).toMatchObject({
      migrate: 'service_completed_successfully',
      redis: 'service_healthy',
    });
    for (const server of ['postgres', 'neo4j', 'redis'] as const) {
      expect(services[server]?.healthcheck, server).toBeDefined();
      expect(services[server]?.secrets?.length, server).toBeGreaterThan(0);
    }
  });

  test.each<[string, RegExp, string, RegExp]>([
    ['a misspelled key', /healthcheck:/, 'healthchek:', /healthchek/],
    ['a secret that is not defined', /^ {2}neo4j-auth:\n.*\n/m, '', /neo4j-auth/],
    ['a condition that is none', /service_completed_successfully/, 'completed', /depends_on/],
    ['a service that is not defined', /^ {6}redis:$/m, '      cache:', /cache/],
  ])('refuses %s', async (_, pattern, replacement, message) => {
    const { code, stderr } = await load(await changed(pattern, replacement));
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });
});
