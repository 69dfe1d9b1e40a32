import { keepsRows, parseColumnType } from '../../../analysis/column-type.ts';
import type { GraphImpact } from '../../../analysis/impact/cypher.ts';
import { type Effect, type Impact, nameText } from '../../../analysis/impact/effect.ts';
import { blocks, type LockMode } from '../../../analysis/impact/locks.ts';
import type { PendingImpact, PendingStatement } from '../../../analysis/impact/pending.ts';

import type { Finding } from '../../../analysis/lint/finding.ts';
import { isAtomic } from '../../../core/migration.ts';
import type { Found } from '../../../engine/engine.ts';
import type { Objects } from './objects.ts';
import type { PlannedEffect, PlannedMigration, PlannedStatement } from './planned.ts';

/** What the linter has found, by file. */
export type Findings = ReadonlyMap<string, readonly Finding[]>;

export function byFile(findings: readonly Finding[]): Findings {
  return Map.groupBy(findings, ({ place }) => place.file);
}

/** What a migration's statements meet, in the order in which they will; `objects` learns what they make. */
export function plannedMigration(
  { migration, from, statements }: PendingImpact,
  objects: Objects,
  findings: Findings,
): PlannedMigration {
  const planned = new Map<number, PlannedStatement[]>(migration.steps.map((_, step) => [step, []]));
  for (const statement of statements) planned.get(statement.step)?.push(plannedStatement(statement, objects));
  return {
    version: migration.version,
    name: migration.name,
    database: migration.database,
    checksum: migration.checksum,
    from,
    findings: findings.get(migration.name) ?? [],
    steps: migration.steps.map((step, index) => ({
      step: index + 1,
      kind: step.kind,
      atomic: isAtomic(step),
      replayable: step.replayable,
      done: index < from,
      statements: planned.get(index) ?? [],
    })),
  };
}

function plannedStatement({ line, text, sql, graph }: PendingStatement, objects: Objects): PlannedStatement {
  const met = sql === undefined ? graph && meetGraph(graph, objects) : meetTables(sql, objects);
  return {
    line,
    text: text.replace(/\s+/g, ' ').slice(0, 400),
    effects: met?.effects ?? [],
    creates: met?.creates ?? [],
    waitsForTransactions: sql?.waitsForTransactions ?? false,
    opaque: (sql ?? graph)?.opaque ?? false,
    notes: met?.notes ?? [],
  };
}

type Met = Pick<PlannedStatement, 'effects' | 'creates' | 'notes'>;

function meetTables(sql: Impact, objects: Objects): Met {
  const there = sql.creates.filter(({ relation, renamed }) => renamed === undefined && objects.exists(relation));
  const skipped = sql.ifNotExists && there.length > 0;
  const made = skipped ? [] : sql.creates;
  // CREATE OR REPLACE locks what it replaces, and no more than that.
  for (const created of made) if (!there.includes(created)) objects.create(created);
  const effects = sql.effects.map((effect) => plannedEffect(effect, objects));
  for (const relation of sql.drops) objects.drop(relation);
  return {
    // Even so an index's table is locked, for a moment.
    effects: skipped
      ? effects.filter(({ work }) => work === 'index').map((effect) => ({ ...effect, work: 'none' }))
      : effects,
    creates: made.map(({ relation }) => nameText(relation)),
    notes: skipped
      ? there.map(({ relation }) => `${nameText(relation)} is there already: nothing is done`)
      : notesOf(sql, effects),
  };
}

function plannedEffect(effect: Effect, objects: Objects): PlannedEffect {
  const { name, isNew, found } = objects.table(effect);
  const { reads, writes } = blocks(effect.lock);
  return {
    object: name,
    kind: 'table',
    lock: effect.lock,
    work: workOf(effect, found),
    blocks: { reads: !isNew && (reads || effect.readersWait === true), writes: !isNew && writes },
    new: isNew,
    ...(!isNew && sizeOf(found)),
  };
}

function workOf({ work, retypes }: Effect, found: Found | undefined): Effect['work'] {
  const present = retypes && found?.columns?.[retypes.column];
  return retypes && present !== undefined && keepsRows(parseColumnType(present), retypes.to) ? 'none' : work;
}

/** Neo4j's locks have no names: LABEL is what a schema command takes, NODES are those of the nodes that a write touches. */
const GRAPH: Readonly<Record<GraphImpact['does'], { readonly lock: PlannedEffect['lock']; readonly writes: boolean }>> =
  {
    schema: { lock: 'LABEL', writes: true },
    writes: { lock: 'NODES', writes: false },
    reads: { lock: 'none', writes: false },
  };

function meetGraph(graph: GraphImpact, objects: Objects): Met {
  const { object } = graph;
  const live = object && objects.schemaObject(object.name);
  const isThere = object?.action === 'create' && live !== undefined;
  const { lock, writes } = GRAPH[graph.does];
  const isConstraint = object?.kind === 'constraint' && object.action === 'create';
  const effects = graph.names.map((name): PlannedEffect => {
    const found = objects.graph(name);
    return {
      object: name.name,
      kind: name.kind,
      lock: isThere ? 'none' : lock,
      work: isThere
        ? 'none'
        : graph.does === 'writes'
          ? 'rows'
          : isConstraint
            ? 'scan'
            : graph.does === 'schema'
              ? 'index'
              : 'none',
      blocks: { reads: false, writes: writes && !isThere && found?.rows !== 0 },
      new: found?.rows === 0,
      ...sizeOf(found),
    };
  });
  const dropped: readonly PlannedEffect[] =
    object?.action === 'drop' && live !== undefined
      ? [{ object: live.table, kind: 'label', lock, work: 'none', blocks: { reads: false, writes: true }, new: false }]
      : [];
  return {
    effects: [...effects, ...dropped],
    creates: object?.action === 'create' && !isThere ? [object.name] : [],
    notes: isThere ? [`${object.name} is there already: nothing is done`] : notesOf(graph, [...effects, ...dropped]),
  };
}

/** Of what concerns nobody there is nothing to say. */
function notesOf({ opaque, notes }: Impact | GraphImpact, effects: readonly PlannedEffect[]): readonly string[] {
  return !opaque && effects.length > 0 && effects.every((effect) => effect.new) ? [] : notes;
}

function sizeOf(found: Found | undefined): Pick<PlannedEffect, 'bytes' | 'rows'> {
  return {
    ...(found?.bytes !== undefined && { bytes: found.bytes }),
    ...(found?.rows !== undefined && { rows: found.rows }),
  };
}

/** The lock of an effect on a table; undefined for a graph's. */
export function tableLock({ kind, lock }: PlannedEffect): LockMode | undefined {
  return kind === 'table' ? (lock as LockMode) : undefined;
}
