import { systemClock } from '../../clock.ts';
import { parseSchema, type SchemaChange, type Setting } from '../../core/cypher-schema.ts';
import type { Migration, Step } from '../../core/migration.ts';
import { MigrateError } from '../../errors.ts';
import { APPLICATION, type Connection } from './connection.ts';

/** How an index or a constraint stands in the live graph. */
interface Live {
  readonly name: string;
  readonly type: string;
  readonly entityType: string;
  readonly labelsOrTypes: readonly string[] | null;
  readonly properties: readonly string[] | null;
  /** Of an index: ONLINE, POPULATING, FAILED. A constraint is there or not. */
  readonly state: string;
  readonly owner: string | null;
  readonly populated: number;
  readonly options: { readonly indexConfig?: Readonly<Record<string, unknown>> } | null;
}

const INDEXES = `SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, state, owningConstraint, populationPercent, options
RETURN name, type, entityType, labelsOrTypes, properties, state, owningConstraint AS owner, populationPercent AS populated, options`;

const CONSTRAINTS = `SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties
RETURN name, type, entityType, labelsOrTypes, properties, 'ONLINE' AS state, null AS owner, 100.0 AS populated, null AS options`;

/** What a run of schema statements leaves behind, by name; a later statement of the run overrules an earlier one. */
export type Expectations = ReadonlyMap<string, SchemaChange>;

export function expectations(migration: Migration, step: Step): Expectations {
  const byName = new Map<string, SchemaChange>();
  for (const span of step.statements) {
    const statement = parseSchema(migration.text.slice(span.start, span.end));
    if (statement?.name !== undefined) byName.set(statement.name, statement);
  }
  return byName;
}

/**
 * Indexes that nobody builds any more, and that whoever asks for them again has to drop first. IF NOT EXISTS passes over one
 * that has FAILED. One that was to carry a constraint stays behind without an owner when that command is cut off: POPULATING
 * for good, with its name taken (16 of 60 commands that were cut off in the middle, on 5.26).
 */
export async function abandonedAmong(
  connection: Connection,
  expected: Expectations,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const live = (await connection.readFromLeader(INDEXES, signal)) as unknown as readonly Live[];
  return live
    .filter(({ name, state, owner }) => {
      const kind = expected.get(name)?.kind;
      return kind !== undefined && !owner && (state === 'FAILED' || (state === 'POPULATING' && kind === 'constraint'));
    })
    .map(({ name }) => name);
}

/**
 * Throws `busy` where a command of ours is open on the server. One that was terminated stays open until the server knows that
 * its connection is gone, and then drops the index that it had made, by its number: one that was made anew meanwhile may
 * have that number, and its constraint would stand there without an index (seen on 5.26).
 */
export async function assertNothingOpen(connection: Connection, index: string, signal: AbortSignal): Promise<void> {
  const open = await connection.readFromLeader(
    `SHOW TRANSACTIONS YIELD database, transactionId, metaData
     WHERE database = $database AND metaData.application = $application
       AND (metaData.constraint = true OR metaData.token IS NOT NULL) RETURN transactionId`,
    signal,
    { database: connection.database, application: APPLICATION },
  );
  if (open.length === 0) return;
  throw new MigrateError(
    'busy',
    `Neo4j still has the command open that was making ${index}, of a run that is at work or was cut off`,
    { hint: 'run migrate again; a connection that died in silence is gone at the latest when Neo4j is restarted' },
  );
}

/** Whether this index, or the one behind this constraint, is being built: its command has had its lock. */
export async function isPopulating(connection: Connection, name: string, signal: AbortSignal): Promise<boolean> {
  const live = (await connection.readFromLeader(INDEXES, signal)) as unknown as readonly Live[];
  return live.some((index) => index.name === name && index.state === 'POPULATING');
}

/** Waits until no index of the run is being populated any more. */
export async function awaitIndexes(
  connection: Connection,
  names: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const live = (await connection.readFromLeader(INDEXES, signal)) as unknown as readonly Live[];
    if (!live.some((index) => names.has(index.name) && index.state === 'POPULATING')) return;
    await systemClock.sleep(250, signal);
  }
}

/** IF NOT EXISTS hides an index or constraint of the same name that is another one, or FAILED: so look at what is there. */
export async function assertSchema(
  connection: Connection,
  migration: Migration,
  expected: Expectations,
  signal: AbortSignal,
): Promise<void> {
  const live = [
    ...(await connection.readFromLeader(INDEXES, signal)),
    ...(await connection.readFromLeader(CONSTRAINTS, signal)),
  ] as unknown as readonly Live[];
  const problemsBy = (defaults: Defaults) =>
    [...expected.values()].flatMap((statement) => {
      const found = live.filter((each) => each.name === statement.name);
      const difference = differenceOf(statement, found, defaults);
      return difference === undefined ? [] : [`${statement.kind} ${statement.name} ${difference}`];
    });
  // A server may have other defaults; most have not, and they are asked for only where that would explain a difference.
  if (problemsBy(DEFAULTS).length === 0) return;
  const problems = problemsBy({ ...DEFAULTS, FULLTEXT: await fulltextDefaults(connection, signal) });
  if (problems.length === 0) return;
  throw new MigrateError(
    'failed',
    `${migration.name}: the graph is not what the file asks for: ${problems.join('; ')}`,
    {
      place: { file: migration.name },
      hint: 'IF NOT EXISTS passes over an object of the same name: drop or rename the one that is there, then run migrate again',
    },
  );
}

function differenceOf(statement: SchemaChange, found: readonly Live[], defaults: Defaults): string | undefined {
  if (statement.action === 'drop') return found.length > 0 ? 'is still there' : undefined;
  // A uniqueness constraint and its index share a name.
  const live = statement.kind === 'index' ? found.find(isIndex) : found.find((each) => !isIndex(each));
  if (live === undefined) {
    if (found.length > 0) return `exists as ${found[0]?.type}`;
    return `is missing: the same ${statement.kind} exists under another name`;
  }
  if (live.state === 'FAILED') return 'is FAILED';
  if (statement.labels === undefined || statement.properties === undefined) return undefined;
  const same =
    sameType(statement, live.type) &&
    live.entityType === statement.entity &&
    sameSet(live.labelsOrTypes ?? [], statement.labels) &&
    (live.properties ?? []).join('\0') === statement.properties.join('\0');
  if (!same) return `is another one: ${live.type} on ${live.labelsOrTypes?.join('|')} (${live.properties?.join(', ')})`;
  const other = otherSettings(statement, live.options?.indexConfig ?? {}, defaults);
  return other.length === 0 ? undefined : `is another one: ${other.join(', ')}`;
}

type Defaults = Readonly<Record<string, Readonly<Record<string, Setting>>>>;

/** The server's own; where this user may not see them, what a statement does not say is not compared. */
async function fulltextDefaults(
  connection: Connection,
  signal: AbortSignal,
): Promise<Readonly<Record<string, Setting>>> {
  const rows = await connection
    .readFromLeader(
      "SHOW SETTINGS YIELD name, value WHERE name STARTS WITH 'db.index.fulltext.' RETURN name, value",
      signal,
    )
    .catch(() => []);
  const values = new Map(rows.map(({ name, value }) => [name, String(value)]));
  return Object.fromEntries(
    [
      ['fulltext.analyzer', values.get('db.index.fulltext.default_analyzer')],
      ['fulltext.eventually_consistent', values.get('db.index.fulltext.eventually_consistent')],
    ].filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** What an index has where the statement says nothing. Vector indexes: https://neo4j.com/docs/cypher-manual/current/indexes/semantic-indexes/vector-indexes/ */
const DEFAULTS: Defaults = {
  VECTOR: { 'vector.similarity_function': 'cosine' },
  FULLTEXT: { 'fulltext.analyzer': 'standard-no-stop-words', 'fulltext.eventually_consistent': false },
};

/** The settings of an index that are others than those that the statement asks for. */
function otherSettings(
  { type = '', settings }: SchemaChange,
  live: Readonly<Record<string, unknown>>,
  defaults: Defaults,
): readonly string[] {
  if (settings === 'unknown') return [];
  const asked = new Map([...Object.entries(defaults[type] ?? {}), ...(settings ?? [])]);
  return [...asked].flatMap(([name, value]) =>
    live[name] === undefined || plain(live[name]) === plain(value)
      ? []
      : [`${name} is ${JSON.stringify(live[name])}, the file asks for ${JSON.stringify(value)}`],
  );
}

/** As Neo4j compares them: COSINE and cosine are one, and so are 768 and 768.0. */
function plain(value: unknown): string {
  return String(value).toLowerCase();
}

/** SHOW CONSTRAINTS has called the same constraint UNIQUENESS and NODE_PROPERTY_UNIQUENESS. */
function sameType(statement: SchemaChange, live: string): boolean {
  return statement.kind === 'index' ? live === statement.type : live.endsWith(statement.type ?? '');
}

function isIndex(live: Live): boolean {
  return ['RANGE', 'TEXT', 'POINT', 'FULLTEXT', 'VECTOR', 'LOOKUP'].includes(live.type);
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === one.length;
}
