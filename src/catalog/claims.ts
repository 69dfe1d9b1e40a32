import type { Claim, Entry, History } from '../core/history.ts';
import type { Database } from '../core/migration.ts';
import type { Source } from '../core/settled.ts';
import type { CatalogObject } from './model.ts';
import { expectedObjects, type Reference, whyNotComparable } from './reference.ts';

/** What histories of a directory's migrations claim to be there, by name. */
export interface Claims {
  /** Every name that may be claimed; an engine asks for them together with the history. */
  names(database: Database): readonly string[];
  /** What this history claims, and what is not among the objects that were found. */
  missing(history: History, found: readonly string[]): readonly Claim[];
}

/** From the reference beside the files. A history claims nothing if the reference belongs to other files than these. */
export function claimsOf(reference: Reference, sources: readonly Source[]): Claims {
  return {
    names: (database) => [
      ...new Set(reference.stages[database].flatMap(({ object }) => (object && kindOf(object) ? object.name : []))),
    ],
    missing: (history, found) => {
      if (whyNotComparable(reference, sources, history) !== undefined) return [];
      const there = new Set(found);
      const claimed = expectedObjects(reference, history).flatMap(({ by, object }): readonly Claim[] => {
        const kind = kindOf(object);
        return kind === undefined ? [] : [{ kind, name: object.name, by }];
      });
      const entries = new Map(history.entries.map((entry) => [entry.name, entry]));
      const missing = claimed.filter(({ name }) => !there.has(name));
      const gone = (by: string) => claimed.every((claim) => claim.by !== by || missing.includes(claim));
      return missing.filter(({ by }) => isClaim(entries.get(by), gone(by)));
    },
  };
}

/** Neo4j's indexes have the names of the constraints that they belong to; other constraints have no index. */
function kindOf(object: CatalogObject): Claim['kind'] | undefined {
  switch (object.kind) {
    case 'table':
      return 'table';
    case 'graph index':
      return 'index';
    case 'graph constraint':
      return ['UNIQUENESS', 'KEY'].includes(object.type) ? 'constraint' : undefined;
    default:
      return undefined;
  }
}

/**
 * What this program has run was there. An earlier tool's row claims so for its migration as a whole: that tool may have made less
 * of it. What a person has recorded (baseline, --mark-applied) was never seen here, and may be missing on purpose.
 */
function isClaim(entry: Entry | undefined, allGone: boolean): boolean {
  if (entry?.state === 'adopted') return allGone;
  return entry?.state === 'applied' && entry.tookMs !== undefined;
}
