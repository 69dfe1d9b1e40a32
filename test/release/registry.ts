import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedGoProgram } from '../manifests/go-program.ts';
import { removeAtExit } from '../servers/lifetime.ts';
import { onFreePort, type ServerProcess, startServer } from '../servers/server-process.ts';

export interface Registry {
  /** HOST:PORT, without TLS and without a login: Helm needs `--plain-http`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** The reference implementation of the OCI distribution specification, built by Go the first time. */
function registryProgram(): Promise<string> {
  return installedGoProgram('registry', 'github.com/distribution/distribution/v3/cmd/registry', 'v3.1.2');
}

/** Starts an empty registry. @param host an address of this machine; the default is reachable from this machine only */
export async function startRegistry(host = '127.0.0.1'): Promise<Registry> {
  const command = await registryProgram();
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-registry-'));
  removeAtExit(directory);
  const configuration = join(directory, 'config.yml');
  let server: ServerProcess | undefined;
  const port = await onFreePort('address already in use', async (port) => {
    await writeFile(configuration, JSON.stringify(configurationOf(directory, `${host}:${port}`)));
    server = await startServer({
      command,
      args: ['serve', configuration],
      env: {},
      logFile: join(directory, 'log'),
      stopSignal: 'SIGTERM',
      detached: false,
      identity: {},
      ready: () => answers(`http://${host}:${port}/v2/`),
      startTimeout: 30_000,
    });
  });
  return {
    address: `${host}:${port}`,
    stop: async () => {
      await server?.end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** JSON is YAML. */
function configurationOf(directory: string, addr: string): object {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: { addr },
  };
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
