import { GenericContainer, type StartedTestContainer, type WaitStrategy } from 'testcontainers';
import { requireImage } from './docker.ts';
import { removeContainerAtExit } from './lifetime.ts';
import { progress } from './progress.ts';

export interface ContainerRequest {
  readonly image: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly ready: WaitStrategy;
  /** Survives this process. */
  readonly detached: boolean;
}

export interface Container {
  readonly host: string;
  /** As seen from here. */
  readonly port: number;
  readonly stopCommand: string;
  stop(): Promise<void>;
}

/**
 * Runs a server in Docker.
 * @throws {Error} where there is no daemon, or no image
 */
export async function startContainer(request: ContainerRequest): Promise<Container> {
  await requireImage(request.image);
  // Its reaper is one more image to pull; lifetime.ts removes containers instead, and not those to be kept.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  progress(`Starting ${request.image}`);
  const container = new GenericContainer(request.image)
    .withExposedPorts(request.port)
    .withEnvironment(request.environment)
    .withWaitStrategy(request.ready)
    .withStartupTimeout(120_000)
    .withLabels({ 'localrag-migrate': 'test' });
  if (request.command !== undefined) container.withCommand([...request.command]);
  const started: StartedTestContainer = await container.start();
  const forget = request.detached ? () => undefined : removeContainerAtExit(started.getId());
  return {
    host: started.getHost(),
    port: started.getMappedPort(request.port),
    stopCommand: `docker rm --force --volumes ${started.getId().slice(0, 12)}`,
    stop: async () => {
      await started.stop({ remove: true, removeVolumes: true });
      forget();
    },
  };
}
