import { randomBytes } from 'node:crypto';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import type { PostgresServer } from './postgres.ts';
import { type PostgresVersion, postgresInstallation } from './postgres-installation.ts';
import { onFreePort, type ServerProcess, startServer, stopCommand } from './server-process.ts';
import { giveToServer, readableInstallation, serverDirectory, serverIdentity } from './unprivileged.ts';

export interface LocalPostgresOptions {
  /** 18 (default) has pgvector and contrib, 16 pgvector alone, 14 contrib alone. */
  readonly version?: PostgresVersion;
  /** Lines of postgresql.conf (a text needs its quotes), over those that make a test cluster fast. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The whole pg_hba.conf; otherwise initdb's, with SCRAM for every connection. */
  readonly hba?: string;
  /** PEM texts. With `ca` the server can check client certificates. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Makes a streaming replica (hot standby) of this server, which must be of the same version. */
  readonly standbyOf?: PostgresServer;
  /** Survives this process. */
  readonly detached?: boolean;
}

/** A cluster of its own on this machine, to be broken at will. */
export interface LocalPostgres extends PostgresServer {
  /** Of the postmaster; changes with every start. */
  readonly pid: number;
  readonly dataDirectory: string;
  /** Holds the Unix socket: a host name that begins with a slash. */
  readonly socketDirectory: string;
  /** Ends it as `pg_ctl stop` would; `immediate` is a crash. The data stay for start(). */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/** Without durability: what a test breaks is PostgreSQL, not the machine under it. */
const testSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  listen_addresses: "'127.0.0.1,::1'",
  max_connections: '200',
  shared_buffers: '64MB',
  synchronous_commit: 'off',
  timezone: "'UTC'",
};

export async function localPostgres(options: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  const detached = options.detached ?? false;
  const installation = await postgresInstallation(options.version ?? '18');
  const directory = await serverDirectory('pg', detached);
  const readable = await readableInstallation(installation.directory, directory);
  const data = join(directory, 'data');
  const logFile = join(directory, 'log');
  const program = (name: string) => join(readable, installation.bin, name);
  const env = { ...withoutLibpq(process.env), LD_LIBRARY_PATH: join(readable, installation.lib), HOME: directory };
  const execute = (name: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    run(program(name), args, { ...serverIdentity, cwd: directory, env: { ...env, ...more } });

  const password = options.standbyOf?.password ?? randomBytes(12).toString('hex');
  if (options.standbyOf === undefined) {
    const passwordFile = join(directory, 'password');
    await writeForServer(passwordFile, password);
    const rules = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--username=postgres'];
    await execute('initdb', ['-D', data, '--no-sync', `--pwfile=${passwordFile}`, ...rules]);
    await rm(passwordFile);
  } else {
    const { host, port, user } = options.standbyOf;
    const primary = ['-h', host, '-p', String(port), '-U', user];
    const copy = ['-D', data, '--no-sync', '--checkpoint=fast', '--write-recovery-conf'];
    await execute('pg_basebackup', [...copy, ...primary], { PGPASSWORD: password });
  }
  await configure(data, directory, options);

  const launch = (port: number) =>
    startServer({
      command: program('postgres'),
      args: ['-D', data, '-p', String(port)],
      env,
      logFile,
      stopSignal: 'SIGINT',
      detached,
      identity: serverIdentity,
      ready: (pid) => isReady(data, pid),
      startTimeout: 60_000,
    });
  let postmaster: ServerProcess;
  const port = await onFreePort('Address already in use', async (port) => {
    postmaster = await launch(port);
  });

  const stop = (mode: 'fast' | 'immediate' = 'fast') => postmaster.end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  const version = /\d+\.\d+/.exec(await execute('postgres', ['--version']))?.[0] ?? 'unknown';
  return {
    source: 'local',
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    version,
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    get pid() {
      return postmaster.pid;
    },
    get stopCommand() {
      return stopCommand(postmaster.pid, 'SIGINT', directory);
    },
    dataDirectory: data,
    socketDirectory: directory,
    stop,
    start: async () => {
      postmaster = await launch(port);
    },
    remove: async () => {
      await stop('immediate');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Appends to postgresql.conf, where the last line about a setting counts, also over what a primary had there. */
async function configure(data: string, directory: string, options: LocalPostgresOptions): Promise<void> {
  const settings: Record<string, string> = { ...testSettings, unix_socket_directories: `'${directory}'` };
  const { tls } = options;
  if (tls !== undefined) {
    settings.ssl = 'on';
    const files = { ssl_cert_file: tls.cert, ssl_key_file: tls.key, ...(tls.ca && { ssl_ca_file: tls.ca }) };
    for (const [setting, pem] of Object.entries(files)) {
      const path = join(directory, `${setting}.pem`);
      await writeForServer(path, pem);
      settings[setting] = `'${path}'`;
    }
  }
  const lines = Object.entries({ ...settings, ...options.settings }).map(([name, value]) => `${name} = ${value}`);
  await appendFile(join(data, 'postgresql.conf'), `\n${lines.join('\n')}\n`);
  if (options.hba !== undefined) await writeFile(join(data, 'pg_hba.conf'), options.hba);
}

/**
 * The last line of postmaster.pid, which `pg_ctl --wait` looks at too. Asking through a connection would
 * depend on pg_hba.conf and TLS, which tests set as they like.
 */
async function isReady(data: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const status = lines[7]?.trim() ?? '';
  // The file of a crashed postmaster is still there when the next one starts.
  return lines[0] === String(pid) && ['ready', 'standby'].includes(status);
}

/** PostgreSQL refuses a key that others may read, and must be able to read it itself. */
async function writeForServer(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await giveToServer(path);
}

/** PGPORT and its like in a developer's shell are meant for other servers. */
function withoutLibpq(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PG')));
}
