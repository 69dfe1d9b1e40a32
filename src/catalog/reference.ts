import type { Entry, History } from '../core/history.ts';
import type { Database, Migration } from '../core/migration.ts';
import { type CatalogObject, keyOf } from './model.ts';

/** What one migration has done to an object: made it or made it otherwise, or removed it. */
export type Stage =
  | { readonly by: string; readonly object: CatalogObject; readonly gone?: undefined }
  | { readonly by: string; readonly gone: string; readonly object?: undefined };

/**
 * What the migrations make, as it was found after each of them on empty databases (`npm run schema`). The stages of a
 * database stand in the order of their making: what is made again in this order finds what it needs.
 */
export interface Reference {
  readonly format: 1;
  /** File → checksum: it says what exactly these files make. */
  readonly files: Readonly<Record<string, string>>;
  readonly stages: Readonly<Record<Database, readonly Stage[]>>;
}

/** An object that should be there, and the file that made it what it is. */
export interface Expected {
  readonly by: string;
  readonly object: CatalogObject;
}

/** What a migration has done: the difference of the catalogs before and after it. */
export function stagesOf(
  by: string,
  before: readonly CatalogObject[],
  after: readonly CatalogObject[],
): readonly Stage[] {
  const known = new Map(before.map((object) => [keyOf(object), JSON.stringify(settled(object))]));
  const there = new Set(after.map(keyOf));
  return [
    ...before.filter((object) => !there.has(keyOf(object))).map((object) => ({ by, gone: keyOf(object) })),
    ...after
      .map(settled)
      .filter((object) => known.get(keyOf(object)) !== JSON.stringify(object))
      .map((object) => ({ by, object })),
  ];
}

/** Without what is the server's, or passes. */
function settled(object: CatalogObject): CatalogObject {
  const { fault: _fault, ...rest } = object;
  if (rest.kind !== 'extension') return rest;
  const { version: _version, ...extension } = rest;
  return extension;
}

/** A text as a reference; undefined where it is none that this version reads. */
export function parseReference(text: string): Reference | undefined {
  try {
    const { format, files, stages } = JSON.parse(text) as Partial<Reference>;
    const whole = typeof files === 'object' && Array.isArray(stages?.postgres) && Array.isArray(stages?.neo4j);
    return format === 1 && whole ? { format, files, stages } : undefined;
  } catch {
    return undefined;
  }
}

/** Why a reference says nothing about a database that these files and this history speak of; undefined where it does. */
export function whyNotComparable(
  reference: Reference,
  files: readonly Pick<Migration, 'version' | 'name' | 'database' | 'checksum'>[],
  { database, entries }: Pick<History, 'database' | 'entries'>,
): string | undefined {
  const own = files.filter((file) => file.database === database);
  const other = own.find(({ name, checksum }) => reference.files[name] !== checksum);
  if (other !== undefined)
    return reference.files[other.name] === undefined
      ? `it was made without ${other.name}`
      : `${other.name} was another file when it was made`;
  const ending = database === 'postgres' ? '.sql' : '.cypher';
  const lacking = Object.keys(reference.files).find(
    (name) => name.endsWith(ending) && !own.some((file) => file.name === name),
  );
  if (lacking !== undefined) return `it was made with ${lacking}, which is not among these files`;
  const newest = files.reduce((most, { version }) => Math.max(most, version), 0);
  const ahead = entries.find(({ version }) => version !== undefined && version > newest);
  return ahead && `${ahead.name}, which is newer than these files, may have changed anything`;
}

/**
 * What should be there where exactly these migrations are applied. An object that a pending migration touches before an applied
 * one (they ran out of order) is left out: what it is by now nobody has seen.
 */
export function expectedObjects(reference: Reference, { database, entries }: History): readonly Expected[] {
  const applied = appliedNames(entries);
  const last = new Map<string, Stage>();
  const unknown = new Set<string>();
  const skipped = new Set<string>();
  for (const stage of reference.stages[database]) {
    const key = stage.gone ?? keyOf(stage.object);
    if (!applied.has(stage.by)) skipped.add(key);
    else if (skipped.has(key)) unknown.add(key);
    else last.set(key, stage);
  }
  return reference.stages[database].filter(
    (stage): stage is Expected & Stage =>
      stage.object !== undefined && last.get(keyOf(stage.object)) === stage && !unknown.has(keyOf(stage.object)),
  );
}

/** Every object that any of the migrations has to do with. */
export function knownObjects(reference: Reference, database: Database): ReadonlySet<string> {
  return new Set(reference.stages[database].map((stage) => stage.gone ?? keyOf(stage.object)));
}

/** The first migration, applied after this one, that has changed what this one made; and what that is. */
export function laterChange(
  reference: Reference,
  { name, database }: Migration,
  { entries }: History,
): { readonly by: string; readonly key: string } | undefined {
  const applied = appliedNames(entries);
  const made = new Set<string>();
  for (const stage of reference.stages[database]) {
    const key = stage.gone ?? keyOf(stage.object);
    if (stage.by === name) made.add(key);
    else if (made.has(key) && applied.has(stage.by)) return { by: stage.by, key };
  }
  return undefined;
}

function appliedNames(entries: readonly Entry[]): ReadonlySet<string> {
  return new Set(entries.filter(({ state }) => state !== 'started').map(({ name }) => name));
}
