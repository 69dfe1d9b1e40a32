import { makePlan } from '../../core/plan.ts';
import { MigrateError } from '../../errors.ts';
import { retrying } from '../../retry.ts';
import type { ReadContext, Report } from '../context.ts';
import { allReady, inScope } from '../histories.ts';

/** For init containers: until the databases are ready and hold every migration of this image. */
export async function wait(context: ReadContext, options: { readyOnly?: boolean | undefined }): Promise<Report> {
  const { engines, files, config, emit, signal } = context;
  if (options.readyOnly) {
    const servers = await allReady(context, (engine, signal) => engine.ping(signal));
    return {
      kind: 'ok',
      text: servers.map(({ database, version }) => `${database} ${version} is ready.`),
      data: { servers },
    };
  }
  let told = '';
  await retrying(
    { budget: config.budgets.waitTimeout, first: 250, most: 3_000 },
    signal,
    async () => {
      const histories = await Promise.all(engines.map((engine) => engine.history(signal)));
      const plan = makePlan(files, histories);
      // A migration that somebody has begun is waited for; files that contradict the history never come right.
      const wrong = plan.problems.find((problem) => problem.kind === 'source');
      if (wrong !== undefined) throw new MigrateError('source', wrong.message, wrong);
      const missing = [
        ...plan.pending.map(({ migration }) => migration.name),
        ...plan.problems.flatMap(({ place }) => place?.file ?? []),
      ];
      if (missing.length === 0) return;
      throw new MigrateError('unreachable', `the databases lack ${missing.join(', ')}`, {
        hint: 'the migration Job has not finished: look at its log, or run localrag-migrate migrate; WAIT_TIMEOUT says how long to wait',
      });
    },
    (error) => error instanceof MigrateError && (error.kind === 'unreachable' || error.kind === 'busy'),
    (error) => {
      if (error.message !== told) emit({ event: 'waiting', message: error.message });
      told = error.message;
    },
  );
  return held(inScope(files, engines).length);
}

export function held(migrations: number): Report {
  return { kind: 'ok', text: 'The databases hold every migration.', data: { migrations } };
}
