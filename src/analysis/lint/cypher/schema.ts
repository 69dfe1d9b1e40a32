import type { SchemaChange } from '../../../core/cypher-schema.ts';
import type { CypherStatement } from './statement.ts';

/** An index or a constraint, and the file that made it. */
export type GraphObject = SchemaChange & { readonly madeBy: string };

/** The indexes and constraints that the files make of Neo4j's schema. */
export class GraphSchema {
  readonly #objects = new Map<string, GraphObject>();
  readonly #byLabel = new Map<string, Set<GraphObject>>();

  get(name: string): GraphObject | undefined {
    return this.#objects.get(name);
  }

  /** Those that have this label or relationship type. */
  over(label: string): Iterable<GraphObject> {
    return this.#byLabel.get(label) ?? [];
  }

  /** Takes up what a statement does. IF NOT EXISTS leaves the existing object as it is, and without it the statement fails. */
  apply({ change, file }: CypherStatement): void {
    if (change === undefined) return;
    const existing = this.#objects.get(change.name);
    if (change.action === 'drop') {
      this.#objects.delete(change.name);
      for (const label of existing?.labels ?? []) if (existing) this.#byLabel.get(label)?.delete(existing);
    } else if (existing === undefined) {
      const made = { ...change, madeBy: file.name };
      this.#objects.set(change.name, made);
      for (const label of change.labels ?? [])
        this.#byLabel.set(label, (this.#byLabel.get(label) ?? new Set()).add(made));
    }
  }
}
