import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Neo4jServer } from './neo4j.ts';
import { type Neo4jVersion, neo4jInstallation } from './neo4j-installation.ts';
import { onFreePort, type ServerProcess, startServer, stopCommand } from './server-process.ts';
import { serverDirectory } from './unprivileged.ts';

export interface LocalNeo4jOptions {
  readonly version?: Neo4jVersion;
  /** As java's -Xmx takes it; default 512m. */
  readonly heap?: string;
  /** PEM texts; Bolt is then spoken over TLS only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Lines of neo4j.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Survives this process. */
  readonly detached?: boolean;
}

/** A Neo4j of its own on this machine, to be broken at will. */
export interface LocalNeo4j extends Neo4jServer {
  /** Of the Java process; changes with every start. */
  readonly pid: number;
  /** `fast` shuts it down (two seconds), `immediate` is SIGKILL. The data stay for start(). */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export async function localNeo4j(options: LocalNeo4jOptions = {}): Promise<LocalNeo4j> {
  const detached = options.detached ?? false;
  const { java, classPath, mainClass } = await neo4jInstallation(options.version ?? '5.26.30');
  const home = await serverDirectory('neo4j', detached);
  // Neo4j appends to it, and what Java has to say before that goes there too.
  const logFile = join(home, 'logs', 'neo4j.log');
  await mkdir(join(home, 'logs'));
  const env = { ...process.env, NEO4J_HOME: home, NEO4J_CONF: home };
  const password = randomBytes(12).toString('hex');
  const opens = ['java.nio', 'java.io', 'sun.nio.ch'].flatMap((name) => [
    '--add-opens',
    `java.base/${name}=ALL-UNNAMED`,
  ]);
  const frugal = [`-Xmx${options.heap ?? '512m'}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const jvm = [...frugal, ...opens, '-cp', classPath];

  const launch = async () => {
    await rm(logFile, { force: true });
    return startServer({
      command: java,
      args: [...jvm, mainClass, `--home-dir=${home}`, `--config-dir=${home}`],
      env,
      logFile,
      stopSignal: 'SIGTERM',
      detached,
      identity: {},
      // Logged when Bolt listens and the database is available.
      ready: async () => /INFO\s+Started\./.test(await readFile(logFile, 'utf8')),
      startTimeout: 180_000,
    });
  };
  let neo4j: ServerProcess;
  const port = await onFreePort('Address already in use', async (port) => {
    await writeFile(join(home, 'neo4j.conf'), await configuration(home, port, options));
    await run(java, [...jvm, 'org.neo4j.cli.AdminTool', 'dbms', 'set-initial-password', password], { env });
    neo4j = await launch();
  });

  const stop = (mode: 'fast' | 'immediate' = 'fast') => neo4j.end(mode === 'fast' ? 'SIGTERM' : 'SIGKILL');
  return {
    source: 'local',
    uri: `${options.tls ? 'bolt+ssc' : 'bolt'}://127.0.0.1:${port}`,
    user: 'neo4j',
    password,
    get pid() {
      return neo4j.pid;
    },
    get stopCommand() {
      return stopCommand(neo4j.pid, 'SIGTERM', home);
    },
    stop,
    start: async () => {
      neo4j = await launch();
    },
    remove: async () => {
      await stop('immediate');
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function configuration(home: string, port: number, options: LocalNeo4jOptions): Promise<string> {
  const settings: Record<string, string> = {
    'server.directories.data': join(home, 'data'),
    'server.directories.logs': join(home, 'logs'),
    'server.directories.import': join(home, 'import'),
    'server.directories.plugins': join(home, 'plugins'),
    'server.directories.run': join(home, 'run'),
    'server.bolt.listen_address': `127.0.0.1:${port}`,
    'server.bolt.advertised_address': `127.0.0.1:${port}`,
    'server.http.enabled': 'false',
    'server.https.enabled': 'false',
    'dbms.usage_report.enabled': 'false',
    'server.memory.pagecache.size': '64m',
    // 2 MB of disk in place of 516 MB.
    'db.tx_log.preallocate': 'false',
    // Stops in 2 s in place of 12 s.
    'internal.server.bolt.thread_pool_shutdown_wait_time': '100ms',
    'internal.server.bolt.connection_shutdown_wait_time': '100ms',
  };
  if (options.tls !== undefined) {
    const certificates = join(home, 'certificates');
    await mkdir(certificates, { recursive: true });
    await writeFile(join(certificates, 'private.key'), options.tls.key, { mode: 0o600 });
    await writeFile(join(certificates, 'public.crt'), options.tls.cert);
    settings['dbms.ssl.policy.bolt.enabled'] = 'true';
    settings['dbms.ssl.policy.bolt.base_directory'] = certificates;
    settings['dbms.ssl.policy.bolt.client_auth'] = 'NONE';
    settings['server.bolt.tls_level'] = 'REQUIRED';
  }
  const lines = Object.entries({ ...settings, ...options.settings }).map(([name, value]) => `${name}=${value}\n`);
  return lines.join('');
}
