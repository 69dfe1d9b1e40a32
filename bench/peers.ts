import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../test/servers/cache.ts';
import { run } from '../test/servers/command.ts';
import type { Format } from './formats.ts';
import type { Command } from './measure.ts';

/** A database with a user of its own. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Another tool that applies SQL files to PostgreSQL. */
export interface Peer {
  readonly name: string;
  readonly kind: 'go' | 'node' | 'java' | 'loop';
  readonly format: Format;
  command(directory: string, target: Target): Command;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const MINUTES = 60_000;

export const urlOf = ({ host, port, database, user, password }: Target) =>
  `postgres://${user}:${password}@${host}:${port}/${database}?sslmode=disable`;
const jdbcOf = ({ host, port, database }: Target) => `jdbc:postgresql://${host}:${port}/${database}?sslmode=disable`;

async function go(name: string, module: string, version: string, tags = ''): Promise<string> {
  const directory = await cached(`bench-${name}-${version}-whole`, async (directory) => {
    const env = { ...process.env, GOBIN: directory };
    await run('go', ['install', `-tags=${tags}`, `${module}@${version}`], { env, timeout: 15 * MINUTES });
  });
  return join(directory, name);
}

/** The directory of a package.json that has them as dependencies. */
function npm(packages: readonly string[]): Promise<string> {
  return cached(`bench-${packages.join('-')}`, async (directory) => {
    await writeFile(join(directory, 'package.json'), '{}');
    await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: directory, timeout: 5 * MINUTES });
  });
}

/** A class path: artifacts from Maven Central, and a main class of ours where they bring none. */
export function maven(name: string, artifacts: readonly string[], main?: string): Promise<string> {
  return cached(`bench-${name}`, async (directory) => {
    const dependencies = artifacts.map((artifact) => {
      const [group, id, version] = artifact.split(':');
      return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`;
    });
    const head =
      '<modelVersion>4.0.0</modelVersion><groupId>bench</groupId><artifactId>bench</artifactId><version>1</version>';
    await writeFile(
      join(directory, 'pom.xml'),
      `<project>${head}<dependencies>${dependencies.join('')}</dependencies></project>`,
    );
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib'];
    await run('mvn', ['--batch-mode', '--quiet', ...goal], { cwd: directory, timeout: 10 * MINUTES });
    await mkdir(join(directory, 'classes'));
    if (main === undefined) return;
    await copyFile(join(here, 'java', `${main}.java`), join(directory, `${main}.java`));
    await run('javac', ['-cp', 'lib/*', '-d', 'classes', `${main}.java`], { cwd: directory, timeout: MINUTES });
  }).then((directory) => `${join(directory, 'lib')}/*:${join(directory, 'classes')}`);
}

const POSTGRES_JDBC = 'org.postgresql:postgresql:42.7.8';

/** Each with how it is had. */
const PREPARED: Readonly<Record<string, () => Promise<Omit<Peer, 'name'>>>> = {
  'goose 3.30.0': async () => {
    const path = await go('goose', 'github.com/pressly/goose/v3/cmd/goose', 'v3.30.0');
    const command = (directory: string, target: Target) => ({
      argv: [path, '-dir', directory, 'postgres', urlOf(target), 'up'],
    });
    return { kind: 'go', format: 'goose', command };
  },
  'tern 2.3.4': async () => {
    const path = await go('tern', 'github.com/jackc/tern/v2', 'v2.3.4').then((path) => path.replace(/v2$/, 'tern'));
    const command = (directory: string, target: Target) => ({
      argv: [path, 'migrate', '--migrations', directory, '--conn-string', urlOf(target)],
    });
    return { kind: 'go', format: 'tern', command };
  },
  'golang-migrate 4.20.1': async () => {
    const path = await go('migrate', 'github.com/golang-migrate/migrate/v4/cmd/migrate', 'v4.20.1', 'postgres');
    const command = (directory: string, target: Target) => ({
      argv: [path, '-path', directory, '-database', urlOf(target), 'up'],
    });
    return { kind: 'go', format: 'golang-migrate', command };
  },
  'node-pg-migrate 9.0.0': async () => {
    const peers = await npm(['node-pg-migrate@9.0.0', 'pg@8.23.1']);
    const bin = join(peers, 'node_modules', 'node-pg-migrate', 'bin', 'node-pg-migrate.js');
    const command = (directory: string, target: Target) => ({
      argv: [process.execPath, bin, 'up', '--migrations-dir', directory],
      env: { DATABASE_URL: urlOf(target) },
    });
    return { kind: 'node', format: 'node-pg-migrate', command };
  },
  'umzug 3.8.3': async () => {
    const peers = await npm(['umzug@3.8.3', 'pg@8.23.1']);
    const command = (directory: string, target: Target) => ({
      argv: [process.execPath, join(here, 'umzug.mjs'), peers, directory],
      env: { DATABASE_URL: urlOf(target) },
    });
    return { kind: 'node', format: 'plain', command };
  },
  'bare loop over pg': async () => {
    const peers = await npm(['umzug@3.8.3', 'pg@8.23.1']);
    const command = (directory: string, target: Target) => ({
      argv: [process.execPath, join(here, 'loop.mjs'), peers, directory],
      env: { DATABASE_URL: urlOf(target) },
    });
    return { kind: 'loop', format: 'plain', command };
  },
  'Flyway 13.12.0 (library)': async () => {
    const classPath = await maven(
      'flyway-13.12.0',
      ['org.flywaydb:flyway-core:13.12.0', 'org.flywaydb:flyway-database-postgresql:13.12.0', POSTGRES_JDBC],
      'FlywayMain',
    );
    const command = (directory: string, target: Target) => ({
      argv: ['java', '-cp', classPath, 'FlywayMain', jdbcOf(target), target.user, target.password, directory],
    });
    return { kind: 'java', format: 'flyway', command };
  },
  'Liquibase 4.33.0': async () => {
    const classPath = await maven('liquibase-4.33.0', [
      'org.liquibase:liquibase-core:4.33.0',
      'info.picocli:picocli:4.7.7',
      POSTGRES_JDBC,
    ]);
    const command = (directory: string, target: Target) => ({
      argv: [
        ...['java', '-cp', classPath, 'liquibase.integration.commandline.LiquibaseCommandLine'],
        ...[`--search-path=${directory}`, 'update', '--changelog-file=all.xml', `--url=${jdbcOf(target)}`],
        ...[`--username=${target.user}`, `--password=${target.password}`],
      ],
    });
    return { kind: 'java', format: 'liquibase', command };
  },
};

export interface Peers {
  readonly peers: readonly Peer[];
  /** Why one cannot be had, by its name. */
  readonly missing: ReadonlyMap<string, string>;
}

export async function preparePeers(): Promise<Peers> {
  const peers: Peer[] = [];
  const missing = new Map<string, string>();
  for (const [name, prepare] of Object.entries(PREPARED)) {
    process.stderr.write(`${name} …\n`);
    await prepare().then(
      (peer) => peers.push({ name, ...peer }),
      (error: Error) => missing.set(name, error.message.split('\n')[0]?.slice(0, 200) ?? ''),
    );
  }
  return { peers, missing };
}
