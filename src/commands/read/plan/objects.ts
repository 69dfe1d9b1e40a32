import type { GraphName } from '../../../analysis/impact/cypher.ts';
import { type Created, type Effect, nameText, type RelationName } from '../../../analysis/impact/effect.ts';
import type { PendingImpact } from '../../../analysis/impact/pending.ts';
import type { Database } from '../../../core/migration.ts';
import type { Asked, Found, Survey } from '../../../engine/engine.ts';

/** A table as it stands when a statement's turn comes. */
export interface Standing {
  readonly name: string;
  readonly isNew: boolean;
  readonly found: Found | undefined;
}

const keyOf = ({ kind, name, schema }: Asked) =>
  `${kind}:${kind === 'relation' ? nameText(schema === undefined ? { name } : { schema, name }) : name}`;

/** What the plan has to know of the live databases. */
export function askedOf(impacts: readonly PendingImpact[], database: Database): readonly Asked[] {
  const asked = new Map<string, Asked>();
  const add = (each: Asked) => void asked.set(keyOf(each), each);
  for (const { statements } of impacts.filter(({ migration }) => migration.database === database))
    for (const { sql, graph } of statements) {
      for (const { relation } of [...(sql?.effects ?? []), ...(sql?.creates ?? [])])
        add({ kind: 'relation', ...relation });
      for (const name of graph?.names ?? []) add(name);
      if (graph?.object !== undefined) add({ kind: 'schema-object', name: graph.object.name });
    }
  return [...asked.values()];
}

/** What is there: at first in the live databases, then also what the pending statements make, rename and drop. */
export class Objects {
  readonly #found = new Map<string, Found>();
  readonly #made = new Map<string, Created>();
  readonly #renamed = new Map<string, RelationName>();
  readonly #dropped = new Set<string>();

  learn(asked: readonly Asked[], { found }: Survey): void {
    for (const [n, each] of asked.entries()) {
      const live = found[n];
      if (live !== undefined) this.#found.set(keyOf(each), live);
    }
  }

  /** What was made so far may be in use by now. */
  forgetMade(): void {
    this.#made.clear();
  }

  create(created: Created): void {
    const key = nameText(created.relation);
    const wasMade = created.renamed !== undefined && this.#made.get(nameText(created.renamed));
    if (created.renamed !== undefined && !wasMade) this.#renamed.set(key, this.#original(created.renamed));
    else this.#made.set(key, created);
  }

  drop(relation: RelationName): void {
    const key = nameText(relation);
    this.#made.delete(key);
    this.#renamed.delete(key);
    this.#dropped.add(key);
  }

  exists(relation: RelationName): boolean {
    const key = nameText(relation);
    return (
      this.#made.has(key) || this.#renamed.has(key) || (!this.#dropped.has(key) && this.live(relation) !== undefined)
    );
  }

  live(relation: RelationName): Found | undefined {
    return this.#found.get(keyOf({ kind: 'relation', ...relation }));
  }

  /** The table that an effect is about. */
  table({ relation, tableOf = false }: Effect): Standing {
    const key = nameText(relation);
    const made = this.#made.get(key);
    if (!tableOf) return { name: key, isNew: made !== undefined, found: this.live(this.#original(relation)) };
    // An index: on a table that is new too, or on one that is not.
    if (made?.on !== undefined) return this.table({ relation: made.on, lock: 'SHARE', work: 'none' });
    const found = this.live(this.#original(relation));
    const table = found?.what === 'index' ? found.table : undefined;
    return { name: table ?? `the table of ${key}`, isNew: table !== undefined && this.#made.has(table), found };
  }

  graph({ kind, name }: GraphName): Found | undefined {
    return this.#found.get(keyOf({ kind, name }));
  }

  /** The labels of an index or a constraint that is there. */
  schemaObject(name: string): Found | undefined {
    return this.#found.get(keyOf({ kind: 'schema-object', name }));
  }

  #original(relation: RelationName): RelationName {
    return this.#renamed.get(nameText(relation)) ?? relation;
  }
}
