import { makePlan } from '../../core/plan.ts';
import type { Catalog, ReadEngine } from '../../engine/engine.ts';
import type { ReadContext, Report } from '../context.ts';
import { readyHistories } from '../histories.ts';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: readonly string[];
}

/** What is to be looked at after a migration: tables, the vector extension, idx_ indexes, and the history. */
export async function verify(context: ReadContext): Promise<Report> {
  const histories = await readyHistories(context);
  const findings = (
    await Promise.all(context.engines.map(async (engine) => findingsOf(engine, await engine.catalog(context.signal))))
  ).flat();
  const plan = makePlan(context.files, histories);
  const wrong = [
    ...plan.pending.map(({ migration }) => `${migration.name} is pending`),
    ...plan.problems.map(({ message }) => message),
  ];
  const applied = histories.flatMap(({ entries }) => entries.map((entry) => `${entry.name} (${entry.state})`));
  findings.push({ check: 'history', ok: wrong.length === 0, detail: wrong.length === 0 ? applied : wrong });
  return {
    kind: findings.every(({ ok }) => ok) ? 'ok' : 'pending',
    text: findings.map(describe).join('\n'),
    data: { ok: findings.every(({ ok }) => ok), findings },
  };
}

function findingsOf({ database }: ReadEngine, catalog: Catalog): readonly Finding[] {
  const broken = catalog.indexes.filter(({ state }) => state !== 'ok').map(({ name, state }) => `${name} is ${state}`);
  const names = catalog.indexes.map(({ name }) => name);
  if (database === 'neo4j')
    return [
      {
        check: 'neo4j indexes',
        ok: names.length > 0 && broken.length === 0,
        detail: broken.length > 0 ? broken : names,
      },
      { check: 'neo4j constraints', ok: catalog.constraints.length > 0, detail: catalog.constraints },
    ];
  const vector = catalog.extensions.find(({ name }) => name === 'vector');
  const idx = names.filter((name) => name.startsWith('idx_'));
  return [
    { check: 'tables', ok: catalog.tables.length > 0, detail: catalog.tables },
    {
      check: 'vector extension',
      ok: vector !== undefined,
      detail: [vector === undefined ? 'not installed: CREATE EXTENSION vector' : `vector ${vector.version}`],
    },
    { check: 'idx_ indexes', ok: idx.length > 0 && broken.length === 0, detail: broken.length > 0 ? broken : idx },
    { check: 'constraints', ok: catalog.constraints.length > 0, detail: catalog.constraints },
    { check: 'functions', ok: catalog.functions.length > 0, detail: catalog.functions },
  ];
}

function describe({ check, ok, detail }: Finding): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${check} (${detail.length})\n${wrapped(detail)}`;
}

/** Names one after the other, in lines of at most 100 characters; what is wrong has lines of its own. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || `${last}, ${name}`.length > 90 || name.includes(' is ')) lines.push(name);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines.map((line) => `       ${line}`).join('\n');
}
