import type { Invocation } from './command-line.ts';
import type { Report } from './commands/context.ts';
import { inScope } from './commands/histories.ts';
import type { Config } from './config.ts';
import { isSettled } from './core/settled.ts';
import { CLEANUP, cleanedUp } from './deadline.ts';
import { AskedEngine } from './engine/asked.ts';
import type { Identity } from './engine/engine.ts';
import { openEngines } from './engine/open.ts';
import type { Emit } from './events.ts';
import { loadMigrations } from './files/load.ts';
import { readSources } from './files/sources.ts';

export interface World {
  readonly config: Config;
  readonly identity: Identity;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/** How long the histories may take before the files are read whole, so that a bad one is told soon; milliseconds. */
const SOON = 1_000;

/** Opens what the command's privilege allows, runs it, and always closes. */
export async function run({ command, scope, input }: Invocation, world: World): Promise<Report> {
  const { config, emit, signal } = world;
  const { migrationsDir } = config;
  for (const message of config.warnings) emit({ event: 'warning', message });
  if (command.privilege === 'offline') return command.run({ config, emit, signal }, input);
  if (command.privilege === 'files') return command.run(await loadMigrations(migrationsDir), input);

  const opened = await openEngines(config, scope, world.identity, emit);
  try {
    if (command.privilege === 'look') return await command.run({ ...world, engines: opened }, input);
    const settled = command.settled?.(input);
    if (settled === undefined) {
      // Bad files are found before any connection.
      const files = await loadMigrations(migrationsDir);
      return await command.run({ ...world, engines: opened, files }, input);
    }
    // Most runs end with both histories, and need no more of the files than their checksums.
    const budget = AbortSignal.any([signal, AbortSignal.timeout(config.budgets.waitTimeout)]);
    const engines = opened.map((engine) => new AskedEngine(engine, budget));
    const sources = readSources(migrationsDir);
    if (sources !== undefined) {
      const histories = await Promise.all(engines.map((engine) => engine.soon(SOON)));
      const known = histories.filter((history) => history !== undefined);
      if (known.length === engines.length && isSettled(sources, known))
        return await settled(world, inScope(sources, engines).length);
      signal.throwIfAborted();
    }
    const files = await loadMigrations(migrationsDir);
    return await command.run({ ...world, engines, files }, input);
  } finally {
    await cleanedUp(Promise.all(opened.map((engine) => engine.close())), 2 * CLEANUP);
  }
}
