import type { Reference } from '../../catalog/reference.ts';
import type { Entry, History } from '../../core/history.ts';
import type { Migration } from '../../core/migration.ts';
import type { Change } from '../../engine/engine.ts';
import { MigrateError } from '../../errors.ts';
import { assertNumber, inScope } from '../histories.ts';
import { assertReapplicable } from '../reapply.ts';

export interface RepairOptions {
  readonly forget?: number | undefined;
  readonly markApplied?: number | undefined;
  readonly rechecksum?: number | undefined;
  /** true: whatever is unfinished. */
  readonly resume?: number | true | undefined;
  readonly reapply?: number | undefined;
  readonly rebuildHistory?: number | undefined;
  readonly forgetAll?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

export interface Repair {
  readonly database: History['database'];
  readonly says: string;
  readonly change?: Change;
  /** To be run, and recorded as applied. */
  readonly again?: Migration;
}

/** What the options ask for, by what the histories say. */
export function repairsOf(
  files: readonly Migration[],
  histories: readonly History[],
  options: RepairOptions,
  reference: Reference | undefined,
): readonly Repair[] {
  const entries = histories.flatMap((history) => history.entries);
  const concerned = inScope(files, histories);
  const { resume } = options;
  const repairs: Repair[] = [];
  const add = (change: Change, { database }: Entry | Migration, says: string) =>
    repairs.push({ database, change, says });

  if (options.forget !== undefined) {
    for (const entry of entriesOf(entries, options.forget))
      add(
        { kind: 'forget', entry },
        entry,
        `take ${entry.name} (${entry.state}) out of the ${entry.database} history; what it has made stays, and migrate runs it again if the file is there`,
      );
  }
  if (options.markApplied !== undefined) {
    const migration = fileOf(concerned, options.markApplied);
    const entry = entryOf(entries, migration);
    if (entry !== undefined && entry.state !== 'started' && !lacksObjects(entry, histories))
      throw new MigrateError('source', `${migration.name} is ${entry.state} already`, {
        hint: 'nothing needs to be marked',
      });
    add(
      { kind: 'record', migration, state: 'applied' },
      migration,
      `record ${migration.name} as applied in the ${migration.database} history without running ${entry?.state === 'started' ? 'the rest of it' : 'it'}`,
    );
  }
  if (options.rechecksum !== undefined) {
    entriesOf(entries, options.rechecksum);
    const migration = fileOf(concerned, options.rechecksum);
    const entry = entryOf(entries, migration);
    add(
      { kind: 'rechecksum', migration },
      migration,
      `record for ${migration.name} in the ${migration.database} history the checksum of the file as it is now (${entry?.checksum ?? 'none'} → ${migration.checksum})`,
    );
  }
  if (resume !== undefined) {
    const unfinished = entries.filter(
      (entry) => entry.state === 'started' && (resume === true || entry.version === resume),
    );
    if (unfinished.length === 0)
      throw new MigrateError(
        'source',
        `${resume === true ? 'no migration' : `migration ${resume}`} is ${resume === true ? '' : 'not '}unfinished`,
        {
          hint: 'localrag-migrate status shows the states',
        },
      );
    for (const entry of unfinished) {
      const migration = fileOf(concerned, entry.version ?? 0);
      entryOf(entries, migration);
      const done = Math.min(entry.stepsDone ?? 0, migration.steps.length);
      add(
        { kind: 'resume', migration, done },
        migration,
        `let migrate go on with ${entry.name} at step ${done + 1} of ${migration.steps.length}, whatever of it is there`,
      );
    }
  }
  if (options.reapply !== undefined) {
    const migration = fileOf(concerned, options.reapply);
    entryOf(entries, migration);
    const history = histories.find(({ database }) => database === migration.database);
    if (history !== undefined) assertReapplicable(migration, history, reference);
    const whole = migration.steps[0]?.kind === 'sql-file' ? 'in one transaction' : 'step by step';
    repairs.push({
      database: migration.database,
      again: migration,
      says: `run ${migration.name} again in ${migration.database}, ${whole}, and record it as applied`,
    });
  }
  if (options.forgetAll) repairs.push(...forgettingAll(histories));
  if (options.rebuildHistory !== undefined) repairs.push(rebuilding(concerned, histories, options.rebuildHistory));
  return repairs;
}

/** What is there and can be read stays as it is. */
function rebuilding(files: readonly Migration[], histories: readonly History[], newest: number): Repair {
  const history = histories.find(({ database }) => database === 'neo4j');
  if (history === undefined)
    throw new MigrateError('usage', '--rebuild-history is for the history in Neo4j, which is not in scope', {
      hint: `localrag-migrate neo4j repair --rebuild-history ${newest}`,
    });
  assertNumber(files, newest);
  const kept = new Set(history.entries.map(({ name }) => name));
  const migrations = files.filter(
    ({ database, version, name }) => database === 'neo4j' && version <= newest && !kept.has(name),
  );
  for (const migration of migrations) entryOf(history.entries, migration);
  const recorded = migrations.length === 0 ? 'nothing' : migrations.map(({ name }) => name).join(', ');
  return {
    database: 'neo4j',
    change: { kind: 'rebuild', migrations },
    says: `rebuild the neo4j history: keep the ${kept.size} entries that can be read, drop the others, record ${recorded} as present without running it`,
  };
}

/** For a schema that is made again from nothing. Objects that are there stay, and files that may run again pass over them. */
function forgettingAll(histories: readonly History[]): readonly Repair[] {
  const known = histories.filter(({ entries, damage }) => entries.length > 0 || damage !== undefined);
  if (known.length === 0)
    throw new MigrateError('source', 'the history is empty', { hint: 'nothing needs to be forgotten: run migrate' });
  return known.map(({ database, entries, damage }) => {
    const names = entries.map(({ name, state }) => `${name} (${state})`).join(', ');
    const what = damage === undefined ? names : `${names || 'no entry'} that can be read, and what is damaged`;
    return {
      database,
      change: { kind: 'forget-all' },
      says: `forget the whole ${database} history: ${what}; what is in the database stays, and the next migrate applies every file`,
    };
  });
}

function lacksObjects({ database, name }: Entry, histories: readonly History[]): boolean {
  return histories.some((each) => each.database === database && each.missing?.some(({ by }) => by === name));
}

function entriesOf(entries: readonly Entry[], version: number): readonly Entry[] {
  const found = entries.filter((entry) => entry.version === version);
  if (found.length === 0)
    throw new MigrateError('source', `no migration with the number ${version} stands in the history`, {
      hint: 'localrag-migrate status lists them',
    });
  return found;
}

function fileOf(files: readonly Migration[], version: number): Migration {
  const file = files.find((each) => each.version === version);
  if (file === undefined)
    throw new MigrateError('source', `no migration in scope has the number ${version}`, {
      hint: 'localrag-migrate status lists them; MIGRATIONS_DIR says where the files are',
    });
  return file;
}

/**
 * The entry of a file.
 * @throws MigrateError `source` if a history has its number under another name: that is the entry of another file.
 */
export function entryOf(entries: readonly Entry[], { name, version, database }: Migration): Entry | undefined {
  const own = entries.find((entry) => entry.database === database && entry.name === name);
  const other = entries.find((entry) => entry.version === version && entry !== own);
  if (own !== undefined || other === undefined) return own;
  throw new MigrateError(
    'source',
    `number ${version} is ${other.name} in the ${other.database} history, and ${name} in the directory`,
    {
      hint: `if ${name} is the same work: repair --forget ${version}, then repair --mark-applied ${version}; else give it the next free number`,
      place: { file: name },
    },
  );
}
