import { systemClock } from '../../clock.ts';
import type { Damage, Entry, EntryState, History } from '../../core/history.ts';
import { restorePointOf } from '../../core/restore-point.ts';
import { MigrateError } from '../../errors.ts';
import type { Connection, Row, Work } from './connection.ts';

/** Times as texts: the driver's own take it 0.2 ms each row to make. */
const ENTRY = `m {.*, startedAt: ${time('startedAt')}, appliedAt: ${time('appliedAt')}} AS entry`;

/** What has no text, as a list has none, is no time. */
function time(name: string): string {
  return `CASE WHEN m.${name} IS NOT NULL THEN coalesce(toStringOrNull(m.${name}), '?') END`;
}

/** The entries, and in each row what the anchor says; one row without an entry where there is none. */
const READ_HISTORY = `OPTIONAL MATCH (b:\`_MigrationBootstrap\`)
WITH max(b.recorded) AS recorded, count(b) > 0 AS anchored
OPTIONAL MATCH (m:\`_Migration\`)
RETURN ${ENTRY}, recorded, anchored ORDER BY m.version`;

const HINT =
  'look at what the graph holds, and find out what deletes or changes nodes without a label; then localrag-migrate neo4j repair --rebuild-history N records the files up to number N as present, without running them';

/** The history, and what its nodes say of themselves. */
export interface NodeHistory extends History {
  /** Whether the anchor is there. */
  readonly anchored: boolean;
  /** There is nothing at all in a graph that had a history. */
  readonly emptied: boolean;
  /** The names of all indexes; undefined if they were not asked for, or this user may not see them. */
  readonly indexes?: readonly string[];
}

const READ_INDEXES = 'SHOW INDEXES YIELD name RETURN collect(name) AS names';

/** The index of the history's own constraint: a user who does not see it sees no other. */
const OWN_INDEX = '_migration_version_unique';

/** Looks, and milliseconds between them: a run that is at work writes one entry after the other. */
const LOOKS = 5;
const PAUSE = 100;

/**
 * One query; where there is no entry and no anchor a second one, and perhaps a third. What another run commits while the server
 * reads may be seen in part: a damage counts only where two looks in a row have found the same.
 */
export async function readHistory(
  connection: Connection,
  signal: AbortSignal,
  withIndexes = false,
): Promise<NodeHistory> {
  let history = await look(connection, signal, withIndexes);
  for (let looks = 1; history.damage !== undefined && looks < LOOKS; looks++) {
    await systemClock.sleep(PAUSE, signal);
    const again = await look(connection, signal, withIndexes);
    if (again.damage?.message === history.damage.message) return again;
    history = again;
  }
  const { damage: _, ...intact } = history;
  return intact;
}

async function look(connection: Connection, signal: AbortSignal, withIndexes: boolean): Promise<NodeHistory> {
  const { rows, indexes } = await readRows(connection, signal, withIndexes);
  const nodes = rows.flatMap(({ entry }) => (entry ? [entry as Row] : []));
  const [first] = rows;
  const anchored = first?.anchored === true;
  const recorded = first?.recorded === null || first?.recorded === undefined ? undefined : Number(first.recorded);
  const entries = nodes.filter((node) => problemOf(node) === undefined).map(entryOf);
  if (nodes.length === 0 && !anchored) {
    const left = await leftOver(connection, signal);
    return {
      database: 'neo4j',
      entries,
      anchored,
      emptied: left === 'nothing',
      ...(left === 'nodes' && { damage: LOST }),
    };
  }
  const damage = damageOf(nodes, recorded);
  return {
    database: 'neo4j',
    entries,
    anchored,
    emptied: false,
    ...(damage && { damage }),
    ...(indexes && { indexes }),
  };
}

/**
 * The indexes are read after the history, so that those of every entry in it are there by then. Both questions are sent at once;
 * without the privilege SHOW INDEX the history is asked for alone.
 */
async function readRows(connection: Connection, signal: AbortSignal, withIndexes: boolean) {
  if (!withIndexes) return { rows: await connection.read(READ_HISTORY, signal) };
  try {
    const [rows = [], [found] = []] = await connection.readAll([READ_HISTORY, READ_INDEXES], signal);
    const names = (found?.names as string[] | undefined) ?? [];
    return names.includes(OWN_INDEX) ? { rows, indexes: names } : { rows };
  } catch (error) {
    if (!(error instanceof MigrateError) || error.kind !== 'denied') throw error;
    return { rows: await connection.read(READ_HISTORY, signal) };
  }
}

const LOST: Damage = {
  message:
    'the Neo4j history is lost: its constraints are there and its nodes are not, while the graph holds other nodes',
  hint: HINT,
};

/** What is left of a history that has neither entries nor an anchor; undefined where the graph never had one. */
async function leftOver(connection: Connection, signal: AbortSignal): Promise<'nodes' | 'nothing' | undefined> {
  const constraints = await connection.read(
    "SHOW CONSTRAINTS YIELD name WHERE name = '_migration_version_unique' RETURN name",
    signal,
  );
  if (constraints.length === 0) return undefined;
  const nodes = await connection.read('MATCH (n) RETURN 1 AS one LIMIT 1', signal);
  return nodes.length > 0 ? 'nodes' : 'nothing';
}

function damageOf(nodes: readonly Row[], recorded: number | undefined): Damage | undefined {
  const problems = nodes.flatMap((node) => {
    const problem = problemOf(node);
    return problem === undefined ? [] : [`${nameOf(node)} ${problem}`];
  });
  const names = nodes.map(nameOf);
  problems.push(
    ...names.filter((name, index) => names.indexOf(name) < index).map((name) => `${name} stands there twice`),
  );
  if (recorded !== undefined && recorded !== nodes.length)
    problems.push(`${nodes.length} entries are there, and ${recorded} were recorded`);
  if (problems.length === 0) return undefined;
  return { message: `the Neo4j history is damaged: ${problems.join('; ')}`, hint: HINT };
}

function nameOf({ name, version }: Row): string {
  return typeof name === 'string' ? name : `the node of version ${version ?? '(none)'}`;
}

const STATES: readonly EntryState[] = ['started', 'applied', 'adopted', 'baseline'];

/** What each node has, and of which type. */
const REQUIRED = {
  name: 'string',
  version: 'number',
  state: 'string',
  checksum: 'string',
  stepsDone: 'number',
  stepsTotal: 'number',
  stepsChecksum: 'string',
  breaking: 'boolean',
} as const;

const OPTIONAL = {
  stepBegun: 'number',
  tookMs: 'number',
  startedAt: 'string',
  appliedAt: 'string',
  by: 'string',
  host: 'string',
  toolVersion: 'string',
  serverVersion: 'string',
  runId: 'string',
  restorePoint: 'string',
} as const;

/** What is wrong with a node; undefined where it is as this program writes it. */
function problemOf(node: Row): string | undefined {
  for (const [name, type] of Object.entries(REQUIRED)) {
    if (node[name] === undefined || node[name] === null) return `lacks ${name}`;
    if (typeof node[name] !== type) return `has a ${name} that is no ${type}`;
  }
  for (const [name, type] of Object.entries(OPTIONAL)) {
    const value = node[name];
    if (value !== undefined && value !== null && typeof value !== type) return `has a ${name} that is no ${type}`;
  }
  if (!STATES.includes(node.state as EntryState)) return `has the state ${JSON.stringify(node.state)}`;
  const time = ['startedAt', 'appliedAt'].find(
    (name) => node[name] && Number.isNaN(toDate(String(node[name])).getTime()),
  );
  return time && `has a ${time} that is no time`;
}

function toDate(text: string): Date {
  return new Date(text.replace(/\[.*\]$/, ''));
}

/** Of a node in which nothing is wrong. */
export function entryOf(node: Row): Entry {
  const optional = <T>(name: string, convert: (value: never) => T) =>
    node[name] === null || node[name] === undefined ? {} : { [name]: convert(node[name] as never) };
  const restorePoint = restorePointOf(node.restorePoint);
  return {
    database: 'neo4j',
    name: String(node.name),
    version: Number(node.version),
    state: node.state as EntryState,
    ...optional('checksum', String),
    ...optional('stepsDone', Number),
    ...optional('stepsTotal', Number),
    ...optional('stepsChecksum', String),
    ...optional('stepBegun', Number),
    ...optional('breaking', Boolean),
    ...optional('startedAt', toDate),
    ...optional('appliedAt', toDate),
    ...optional('tookMs', Number),
    ...optional('by', String),
    ...optional('host', String),
    ...optional('toolVersion', String),
    ...optional('serverVersion', String),
    ...optional('runId', String),
    ...(restorePoint && { restorePoint }),
  };
}

/** The ids of the nodes that are not as this program writes them. */
export async function damagedNodes(tx: Work): Promise<readonly unknown[]> {
  const rows = await tx.rows(`MATCH (m:\`_Migration\`) RETURN elementId(m) AS id, ${ENTRY} ORDER BY id`);
  const names = new Set<unknown>();
  return rows.flatMap(({ id, entry }) => {
    const node = entry as Row;
    const twice = names.has(node.name);
    names.add(node.name);
    return twice || problemOf(node) !== undefined ? [id] : [];
  });
}
