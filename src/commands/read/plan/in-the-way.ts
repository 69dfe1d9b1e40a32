import { conflict, lockMode } from '../../../analysis/impact/locks.ts';
import type { Database } from '../../../core/migration.ts';
import type { Found, Survey } from '../../../engine/engine.ts';
import { tableLock } from './facts.ts';
import type { InTheWay, PlannedMigration } from './planned.ts';

/** Who holds now what a pending statement will have to wait for; each holder once for each table. */
export function inTheWay(
  migrations: readonly PlannedMigration[],
  surveys: ReadonlyMap<Database, Survey>,
): readonly InTheWay[] {
  const found = new Map<string, InTheWay>();
  const add = (each: InTheWay) => {
    const key = `${each.database} ${each.object} ${each.pid} ${each.host} ${each.since} ${each.holds}`;
    if (!found.has(key)) found.set(key, each);
  };
  for (const { name: migration, database, steps } of migrations) {
    const survey = surveys.get(database);
    const tables = new Map((survey?.found ?? []).flatMap((live) => (live === undefined ? [] : [[live.table, live]])));
    for (const statement of steps.filter(({ done }) => !done).flatMap(({ statements }) => statements)) {
      const where = { database, migration, line: statement.line };
      for (const effect of statement.effects) {
        if (effect.new) continue;
        const wanted = tableLock(effect);
        for (const { mode, ...holder } of wanted ? holdersOf(tables, effect.object) : []) {
          const holds = lockMode(mode);
          if (wanted && conflict(wanted, holds)) add({ ...where, ...holder, object: effect.object, holds });
        }
      }
      const waits =
        statement.waitsForTransactions ||
        statement.effects.some(({ lock, blocks }) => lock === 'LABEL' && blocks.writes);
      if (waits) for (const holder of survey?.open ?? []) add({ ...where, ...holder });
    }
  }
  return [...found.values()];
}

function holdersOf(tables: ReadonlyMap<string, Found>, object: string): Found['holders'] {
  return tables.get(object)?.holders ?? [];
}
