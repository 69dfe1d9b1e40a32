import type { Invocation } from './cli.ts';
import type { Lines, Report } from './commands/context.ts';
import { askAll, inScope } from './commands/histories.ts';
import type { Config } from './config.ts';
import { isSettled, type Source } from './core/settled.ts';
import { CLEANUP, cleanedUp } from './deadline.ts';
import type { Engine, Identity } from './engine/engine.ts';
import { openEngines } from './engine/open.ts';
import { MigrateError, mayPass } from './errors.ts';
import type { Emit } from './events.ts';
import { loadMigrations } from './files/load.ts';
import { loadClaims } from './files/reference.ts';
import { readSources } from './files/sources.ts';

export interface World {
  readonly config: Config;
  readonly identity: Identity;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly ask: ((question: Lines) => Promise<string>) | undefined;
}

/**
 * How long the histories may take before the files are read whole, so that a bad one is told soon: milliseconds, and a part of
 * WAIT_TIMEOUT, which begins after it.
 */
const SOON = { most: 5_000, share: 0.1 };

/** Opens what the command's privilege allows, runs it, and always closes. */
export async function run({ command, scope, input }: Invocation, world: World): Promise<Report> {
  const { config, emit, signal } = world;
  const { migrationsDir } = config;
  for (const message of config.warnings) emit({ event: 'warning', message });
  if (command.privilege === 'offline') return command.run({ config, emit, signal }, input);
  if (command.privilege === 'files')
    return command.run(loadMigrations(migrationsDir), input, config.givenMigrationsDir);

  const sources = once(() => readSources(migrationsDir));
  const claims = once(() => loadClaims(migrationsDir, sources));
  const engines = await openEngines(config, scope, world.identity, emit, claims);
  try {
    if (command.privilege === 'look') return await command.run({ ...world, engines }, input);
    const settled = command.settled?.(input);
    const migrations = settled && (await settledMigrations(config, engines, sources, signal));
    if (settled !== undefined && migrations !== undefined) return await settled(world, migrations);
    const files = loadMigrations(migrationsDir);
    return await command.run({ ...world, engines, files }, input);
  } finally {
    await cleanedUp(Promise.all(engines.map((engine) => engine.close())), 2 * CLEANUP);
  }
}

/**
 * How many files there are, where the histories hold exactly them: most runs end with that, and need no more of a file than
 * its checksum. Undefined where anything is otherwise, or not known soon: then the command finds out what it is. Throws what a
 * server refuses for good.
 */
async function settledMigrations(
  { migrationsDir, budgets }: Config,
  engines: readonly Engine[],
  readSources: () => Promise<readonly Source[] | undefined>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const within = Math.min(SOON.most, Math.floor(SOON.share * budgets.waitTimeout));
  const soon = AbortSignal.any([signal, AbortSignal.timeout(within)]);
  const asked = askAll(engines, (engine) => engine.history(soon));
  const sources = await readSources();
  const answers = await asked;
  signal.throwIfAborted();
  const refusal = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : [])).find(isFinal);
  if (refusal !== undefined) {
    // A bad file is told first, as it is wherever nobody has been asked yet.
    loadMigrations(migrationsDir);
    throw refusal;
  }
  const histories = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  if (sources === undefined || histories.length < engines.length || !isSettled(sources, histories)) return undefined;
  return inScope(sources, engines).length;
}

/** What asking again would not change: a second wrong password only brings a server closer to locking the user out. */
function isFinal(error: unknown): boolean {
  return error instanceof MigrateError && !mayPass(error);
}

/** Asks when the answer is first needed, and keeps it. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
