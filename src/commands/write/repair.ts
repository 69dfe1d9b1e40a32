import type { History } from '../../core/history.ts';
import { MigrateError } from '../../errors.ts';
import type { Report, WriteContext } from '../context.ts';
import { readHistories, readyHistories } from '../histories.ts';
import { allLocked } from './migrate.ts';
import { type RepairOptions, repairsOf } from './repairs.ts';
import { referenceFor, runAgain } from './run-again.ts';

/** A person's decision about the history, or that a migration runs again. Says what it will do, and asks. */
export async function repair(context: WriteContext, options: RepairOptions): Promise<Report> {
  const { files, engines, signal, ask } = context;
  const { yes, reapply, rebuildHistory, forgetAll, ...others } = options;
  if (!forgetAll && [reapply, rebuildHistory, ...Object.values(others)].every((each) => each === undefined))
    throw new MigrateError('usage', 'repair needs an option that says what to do', {
      hint: 'one of --forget N, --mark-applied N, --rechecksum N, --resume, --reapply N, --rebuild-history N, --forget-all',
    });
  const reference = reapply === undefined ? undefined : await referenceFor(context);
  const maybeDamaged = rebuildHistory !== undefined || forgetAll;
  const histories = await (maybeDamaged ? readHistories(context) : readyHistories(context));
  if (rebuildHistory !== undefined && histories.every(({ damage }) => damage === undefined))
    throw new MigrateError('source', 'the history is intact', { hint: 'nothing needs to be rebuilt' });
  const repairs = repairsOf(files, histories, options, reference);
  const says = repairs.map((each) => each.says);
  if (!yes) {
    if (ask === undefined)
      throw new MigrateError('usage', 'repair asks before it changes anything, and nobody is there to answer', {
        hint: `it would: ${says.join('; ')}. Give --yes to agree`,
      });
    const answer = await ask([...says, 'Go on? [y/N] ']);
    if (!/^y(es)?$/i.test(answer.trim())) return { kind: 'ok', text: 'Nothing changed.', data: { changed: [] } };
  }
  const concerned = engines.filter((engine) => repairs.some(({ database }) => database === engine.database));
  await allLocked(concerned, signal, async (databases) => {
    const locked = await Promise.all(databases.map((db) => db.history(signal)));
    const now = repairsOf(files, locked.map(withMissing(histories)), options, reference);
    if (now.map((each) => each.says).join() !== says.join())
      throw new MigrateError('busy', 'the history has changed since it was looked at; nothing was changed', {
        hint: 'run repair again',
      });
    for (const db of databases) {
      const own = now.filter(({ database }) => database === db.database);
      const changes = own.flatMap(({ change }) => change ?? []);
      if (changes.length > 0) await db.amend(changes, signal);
      for (const { again } of own) if (again !== undefined) await runAgain(context, db, again);
    }
  });
  return {
    kind: 'ok',
    text: says.map((each, index) => (index === 0 ? `Done: ${each}` : each)),
    data: { changed: says },
  };
}

/** What a history claims and the database lacks is looked at once, before the lock. */
function withMissing(before: readonly History[]): (history: History) => History {
  return (history) => {
    const missing = before.find(({ database }) => database === history.database)?.missing;
    return missing === undefined ? history : { ...history, missing };
  };
}
