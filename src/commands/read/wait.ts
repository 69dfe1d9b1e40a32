import type { Database } from '../../core/migration.ts';
import { makePlan } from '../../core/plan.ts';
import type { ReadEngine } from '../../engine/engine.ts';
import { MigrateError, mayPass } from '../../errors.ts';
import { polling } from '../../retry.ts';
import type { ReadContext, Report } from '../context.ts';
import { allReady, inScope, onceAsked } from '../histories.ts';

/** For init containers: until the databases are ready and hold every migration of this image. */
export async function wait(context: ReadContext, options: { readyOnly?: boolean | undefined }): Promise<Report> {
  const { engines, files, config, signal } = context;
  if (options.readyOnly) {
    const servers = await allReady(context, (engine, signal) => engine.ping(signal));
    return {
      kind: 'ok',
      text: servers.map(({ database, version }) => `${database} ${version} is ready.`),
      data: { servers },
    };
  }
  const arrival = new Arrival(context);
  const arrived = await polling({ budget: config.budgets.waitTimeout, ...POLLING }, signal, () => arrival.look());
  if (arrived === undefined) throw arrival.reason;
  return held(inScope(files, engines).length);
}

/** Every waiting process notices the end within five seconds, and hundreds of them leave the servers' connections to others. */
const POLLING = { first: 250, most: 3_600 };

/** Whether the databases hold every migration, as seen by looks between which no connection is open. */
class Arrival {
  readonly #context: ReadContext;
  /** What each database lacked when it last answered. */
  readonly #lacking = new Map<Database, readonly string[]>();
  /** Why the last look did not find everything. */
  reason: MigrateError | undefined;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** Throws what another look would not change. */
  async look(): Promise<true | undefined> {
    const { engines, emit } = this.#context;
    try {
      await (this.#lacking.size === 0 ? this.#askAll() : this.#askInTurn());
      const missing = engines.flatMap(({ database }) => this.#lacking.get(database) ?? []);
      if (missing.length === 0) return true;
      throw new MigrateError('unreachable', `the databases lack ${missing.join(', ')}`, {
        hint: 'the migration Job has not finished: look at its log, or run localrag-migrate migrate; WAIT_TIMEOUT says how long to wait',
      });
    } catch (error) {
      if (!(error instanceof MigrateError) || (error.kind !== 'unreachable' && error.kind !== 'busy')) throw error;
      if (error.message !== this.reason?.message) emit({ event: 'waiting', message: error.message });
      this.reason = error;
      return undefined;
    }
  }

  /** The first look: reports everything that is missing, and everything that is wrong. */
  async #askAll(): Promise<void> {
    const answers = await Promise.allSettled(this.#context.engines.map((engine) => this.#ask(engine)));
    const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    const final = errors.find((error) => !(error instanceof MigrateError) || !mayPass(error));
    if (errors.length > 0) throw final ?? errors[0];
  }

  /** Up to the first database that lacks something: the others are asked when it is complete. */
  async #askInTurn(): Promise<void> {
    for (const engine of this.#context.engines) if ((await this.#ask(engine)).length > 0) return;
  }

  async #ask(engine: ReadEngine): Promise<readonly string[]> {
    const { files, signal } = this.#context;
    const plan = makePlan(files, [await onceAsked(engine, signal)]);
    // A migration that another run has begun is waited for; files that contradict the history stay wrong.
    const wrong = plan.problems.find((problem) => problem.kind === 'source');
    if (wrong !== undefined) throw new MigrateError('source', wrong.message, wrong);
    const lacking = [
      ...plan.pending.map(({ migration }) => migration.name),
      ...plan.problems.flatMap(({ place }) => place?.file ?? []),
    ];
    this.#lacking.set(engine.database, lacking);
    return lacking;
  }
}

export function held(migrations: number): Report {
  return { kind: 'ok', text: 'The databases hold every migration.', data: { migrations } };
}
