import type { Invocation } from './cli.ts';
import type { Report } from './commands/context.ts';
import type { Config } from './config.ts';
import { CLEANUP, cleanedUp } from './deadline.ts';
import type { Identity } from './engine/engine.ts';
import { openEngines } from './engine/open.ts';
import type { Emit } from './events.ts';
import { loadMigrations } from './files/load.ts';

export interface World {
  readonly config: Config;
  readonly identity: Identity;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/** Opens what the command's privilege allows, runs it, and always closes. Bad files are found before any connection. */
export async function run({ command, scope, input }: Invocation, world: World): Promise<Report> {
  const { config, emit, signal } = world;
  for (const message of config.warnings) emit({ event: 'warning', message });
  if (command.privilege === 'offline') return command.run({ config, emit, signal }, input);
  const files = command.privilege === 'look' ? [] : await loadMigrations(config.migrationsDir);
  if (command.privilege === 'files') return command.run(files, input);

  const engines = await openEngines(config, scope, world.identity, emit);
  try {
    return await command.run({ ...world, engines, files }, input);
  } finally {
    await cleanedUp(Promise.all(engines.map((engine) => engine.close())), 2 * CLEANUP);
  }
}
