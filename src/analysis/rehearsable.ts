import type { Migration, Span } from '../core/migration.ts';
import type { Pending } from '../core/plan.ts';
import { type GraphImpact, impactOfCypher } from './impact/cypher.ts';

/** A Cypher statement that can be rehearsed, or why it cannot. */
export interface Candidate {
  readonly migration: Migration;
  readonly span: Span;
  readonly why?: string;
}

/** What is rehearsed in one transaction: schema and data cannot share one. */
export interface Group {
  readonly kind: 'schema' | 'data';
  readonly candidates: readonly Candidate[];
}

export interface Rehearsable {
  readonly groups: readonly Group[];
  readonly leftOut: readonly (Candidate & { readonly why: string })[];
}

/**
 * How far pending Cypher can be tried without a commit. All data goes into one transaction, so that later statements find
 * what earlier ones have written. A schema statement has one of its own, which keeps its label locked for as short as can be;
 * but a DROP shares it with what is made in its place. What needs a commit before it is left out: whatever names a label that a
 * statement that was left out writes, and a constraint on labels whose data is changed before it.
 */
export function rehearsable(pending: readonly Pending[]): Rehearsable {
  const schema: Candidate[][] = [];
  const data: Candidate[] = [];
  const leftOut: (Candidate & { why: string })[] = [];
  const written = new Set<string>();
  const missing = new Set<string>();
  let drops: Candidate[] = [];
  for (const { migration, from } of pending)
    for (const step of migration.steps.slice(from))
      for (const span of step.statements) {
        const impact = impactOfCypher(migration.text, span);
        const candidate = { migration, span };
        const why = step.kind === 'cypher-auto' ? AUTO : whyNot(impact, written, missing);
        if (why !== undefined) {
          leftOut.push({ ...candidate, why });
          for (const name of namesOf(impact)) missing.add(name);
        } else if (impact.does === 'schema') {
          if (impact.object?.action === 'drop') drops.push(candidate);
          else {
            schema.push([...drops, candidate]);
            drops = [];
          }
        } else {
          data.push(candidate);
          if (impact.does === 'writes') for (const name of namesOf(impact)) written.add(name);
        }
      }
  const groups = [...schema, ...(drops.length > 0 ? [drops] : [])].map(
    (candidates): Group => ({ kind: 'schema', candidates }),
  );
  return { groups: data.length > 0 ? [...groups, { kind: 'data', candidates: data }] : groups, leftOut };
}

const AUTO = 'it commits by itself, batch by batch';
/** Stands for every label: a statement that names none may touch any. */
const ANY = '*';

function namesOf({ names }: GraphImpact): readonly string[] {
  return names.length === 0 ? [ANY] : names.map(({ kind, name }) => `${kind}:${name}`);
}

function whyNot(impact: GraphImpact, written: ReadonlySet<string>, missing: ReadonlySet<string>): string | undefined {
  const isConstraint = impact.object?.action === 'create' && impact.object.kind === 'constraint';
  if (impact.does === 'schema' && !isConstraint) return undefined;
  const meets = (names: ReadonlySet<string>) =>
    names.has(ANY) || namesOf(impact).some((name) => names.has(name) || (name === ANY && names.size > 0));
  if (meets(missing)) return 'it may need what could not be rehearsed before it';
  return isConstraint && meets(written)
    ? 'it checks data that is changed before it, which has to be committed first'
    : undefined;
}
