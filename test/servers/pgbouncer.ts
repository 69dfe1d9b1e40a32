import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { cached } from './cache.ts';
import { CommandMissing, run } from './command.ts';
import type { PostgresServer } from './postgres.ts';
import { withProgress } from './progress.ts';
import { onFreePort, type ServerProcess, startServer } from './server-process.ts';
import { giveToServer, readableInstallation, serverDirectory, serverIdentity } from './unprivileged.ts';

export interface PgbouncerOptions {
  /** With the URL of its superuser, who knows the others' SCRAM secrets. */
  readonly server: Pick<PostgresServer, 'url' | 'host' | 'port'>;
  /** The one user that it lets in. */
  readonly login: { readonly user: string; readonly password: string };
  readonly poolMode: 'session' | 'transaction' | 'statement';
  /** How a client proves who it is: `scram` with the server's own secret, the others with the password itself. */
  readonly auth: 'plain' | 'md5' | 'scram';
  /** Further lines of the section [pgbouncer], over ours. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface Pgbouncer {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** What the program needs beside the C library, PAM and systemd's library, which every Debian has. */
const packages = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7', 'libssl3'];

/** A pooler in front of a server: the one of this machine, or Debian's, unpacked into the cache. */
export async function localPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const directory = await serverDirectory('pgbouncer');
  const { command, env } = await program(directory);
  const configuration = join(directory, 'pgbouncer.ini');
  const userlist = join(directory, 'userlist.txt');
  const logFile = join(directory, 'log');
  const { user } = options.login;
  await writeForServer(userlist, `"${user}" "${await secretOf(options)}"\n`);

  let process: ServerProcess;
  const port = await onFreePort('Address already in use', async (port) => {
    await rm(logFile, { force: true });
    const settings = {
      listen_addr: '127.0.0.1',
      listen_port: port,
      unix_socket_dir: '',
      auth_type: options.auth === 'scram' ? 'scram-sha-256' : options.auth,
      auth_file: userlist,
      pool_mode: options.poolMode,
      ...options.settings,
    };
    const { server } = options;
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    const databases = ['[databases]', `* = host=${server.host} port=${server.port}`];
    await writeForServer(configuration, [...databases, '[pgbouncer]', ...lines, ''].join('\n'));
    process = await startServer({
      command,
      args: [configuration],
      env,
      logFile,
      // Its SIGINT waits for its clients.
      stopSignal: 'SIGTERM',
      detached: false,
      identity: serverIdentity,
      ready: async () => (await readFile(logFile, 'utf8')).includes('process up'),
      startTimeout: 20_000,
    });
  });
  return {
    host: '127.0.0.1',
    port,
    stop: async () => {
      await process.end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A pooler that has the server's SCRAM secret, and no password, logs in there with what it learns from its clients. */
async function secretOf({ auth, login, server }: PgbouncerOptions): Promise<string> {
  if (auth !== 'scram') return login.password;
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [login.user]);
  await client.end();
  return rows[0].rolpassword;
}

async function program(directory: string): Promise<{ command: string; env: NodeJS.ProcessEnv }> {
  const installed = await run('pgbouncer', ['--version']).catch((error) => {
    if (!(error instanceof CommandMissing)) throw error;
  });
  if (installed !== undefined) return { command: 'pgbouncer', env: process.env };
  const unpacked = await readableInstallation(await debianPackages(), directory);
  const libraries = join(unpacked, 'usr', 'lib');
  const path = (await readdir(libraries)).map((architecture) => join(libraries, architecture)).join(':');
  return { command: join(unpacked, 'usr', 'sbin', 'pgbouncer'), env: { ...process.env, LD_LIBRARY_PATH: path } };
}

/** Unpacked, not installed: that needs no rights, and starts no service. */
async function debianPackages(): Promise<string> {
  return cached('pgbouncer-debian', (directory) =>
    withProgress('Downloading pgbouncer (3 MB)', async () => {
      const work = join(directory, 'work');
      await mkdir(work);
      await run('apt-get', ['download', '--quiet', ...packages], { cwd: work, timeout: 120_000 }).catch((cause) => {
        throw new Error(`pgbouncer is not installed (Debian: apt install pgbouncer), and ${cause.message}`, { cause });
      });
      for (const file of await readdir(work)) await run('dpkg-deb', ['--extract', join(work, file), directory]);
      await rm(work, { recursive: true });
    }),
  );
}

/** It reads its files as the user that it runs as; nobody else is to read them. */
async function writeForServer(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await giveToServer(path);
}
