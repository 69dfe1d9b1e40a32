import { type Import, importsOf, type Module } from './modules.ts';

/** Who may import a package, by the beginnings of paths. What is not listed, nobody may. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  pg: ['src/engine/postgres/'],
  'neo4j-driver': ['src/engine/neo4j/'],
  '@redis/client': ['src/engine/redis.ts'],
  commander: ['src/cli.ts'],
  envalid: ['src/config/'],
  'libpg-query': ['src/analysis/'],
  'p-retry': ['src/retry.ts'],
  'cli-truncate': ['src/live-line.ts'],
  'log-update': ['src/live-line.ts'],
  pino: ['src/log.ts'],
  read: ['src/prompt.ts'],
  'node:crypto': ['src/'],
  'node:util': ['src/config/', 'src/log.ts', 'src/program.ts', 'src/terminal.ts'],
  'node:fs': ['src/files/', 'src/config/files.ts', 'src/bin.ts', 'src/program.ts', 'src/signals.ts'],
  'node:fs/promises': ['src/files/'],
  'node:buffer': ['src/config/files.ts'],
  'node:path': ['src/config/', 'src/files/', 'src/bin.ts'],
  'node:net': ['src/config/', 'src/engine/postgres/'],
  'node:events': ['src/engine/postgres/'],
  'node:tls': ['src/config.ts', 'src/config/'],
  'node:os': ['src/bin.ts', 'src/signals.ts'],
  'node:module': ['src/program.ts'],
  'node:tty': ['src/bin.ts'],
  'node:v8': ['src/analysis/parse-sql.ts', 'src/engine/postgres/row-filter.ts'],
  'node:vm': ['src/program.ts', 'src/engine/postgres/row-filter.ts'],
  'node:stream/consumers': ['src/prompt.ts'],
  'node:timers/promises': ['src/clock.ts'],
};

interface Direction {
  /** Beginning of the importing module's path. */
  readonly from: string;
  readonly must: string;
  readonly allows: (imported: Import) => boolean;
}

const inside =
  (...beginnings: readonly string[]) =>
  ({ to }: Import) =>
    beginnings.some((beginning) => to.startsWith(beginning));
const outside =
  (...beginnings: readonly string[]) =>
  (imported: Import) =>
    !inside(...beginnings)(imported);

/** Where the process begins; it imports itself only. */
const EDGE = ['src/entry.ts', 'src/program.ts', 'src/bin.ts'];
const EDGES = ['src/bin.ts', 'src/cli.ts', 'src/app.ts', 'src/log.ts', 'src/prompt.ts', 'src/termination.ts'];

const DIRECTIONS: readonly Direction[] = [
  {
    from: 'src/core/',
    must: 'is pure: it imports src/core, types of errors.ts, and node:crypto',
    allows: (imported) =>
      inside('src/core/', 'node:crypto')(imported) || (imported.to === 'src/errors.ts' && imported.typeOnly),
  },
  {
    from: 'src/analysis/',
    must: "is pure: it imports src/analysis, src/core, PostgreSQL's parser and the flags for it, and types",
    allows: (imported) => inside('src/analysis/', 'src/core/', 'libpg-query', 'node:v8')(imported) || imported.typeOnly,
  },
  {
    from: 'src/',
    must: "loads PostgreSQL's parser in src/analysis/parse-sql.ts alone",
    allows: (imported) =>
      imported.to !== 'libpg-query' || imported.typeOnly || imported.from === 'src/analysis/parse-sql.ts',
  },
  {
    from: 'src/catalog/',
    must: 'is pure: it imports src/catalog and src/core',
    allows: inside('src/catalog/', 'src/core/'),
  },
  {
    from: 'src/files/',
    must: 'knows no engine and no command',
    allows: outside('src/engine/', 'src/commands/', ...EDGES),
  },
  {
    from: 'src/config',
    must: 'knows no engine, no command and no migration file',
    allows: outside('src/engine/', 'src/commands/', 'src/files/', ...EDGES),
  },
  {
    from: 'src/engine/',
    must: 'knows no command and no file',
    allows: outside('src/commands/', 'src/files/', ...EDGES),
  },
  { from: 'src/engine/postgres/', must: 'does not know Neo4j', allows: outside('src/engine/neo4j/') },
  { from: 'src/engine/neo4j/', must: 'does not know PostgreSQL', allows: outside('src/engine/postgres/') },
  {
    from: 'src/commands/',
    must: 'knows engines by the types of engine.ts alone (health also asks Redis)',
    allows: (imported) =>
      outside('src/engine/')(imported) ||
      (imported.to === 'src/engine/engine.ts' && imported.typeOnly) ||
      (imported.from === 'src/commands/read/health.ts' && imported.to === 'src/engine/redis.ts'),
  },
  { from: 'src/commands/', must: 'does not know the edges', allows: outside(...EDGES) },
  { from: 'src/commands/read/', must: 'does not use what writes', allows: outside('src/commands/write/') },
  {
    from: 'src/commands/offline/',
    must: 'has no database',
    allows: outside('src/engine/', 'src/commands/read/', 'src/commands/write/'),
  },
  {
    from: 'src/',
    must: 'does not import the process edge',
    allows: (imported) =>
      outside('src/bin.ts', 'src/program.ts', 'src/signals.ts')(imported) || EDGE.includes(imported.from),
  },
];

/** What breaks the rules, in words. */
export function violations(modules: readonly Module[]): readonly string[] {
  const imports = modules.flatMap(importsOf);
  return [...imports.flatMap(brokenDirections), ...imports.flatMap(brokenOwnership), ...cycles(imports)];
}

function brokenDirections(imported: Import): readonly string[] {
  return DIRECTIONS.filter(({ from, allows }) => imported.from.startsWith(from) && !allows(imported)).map(
    ({ from, must }) => `${imported.from} imports ${imported.to}, but ${from} ${must}`,
  );
}

function brokenOwnership({ from, to }: Import): readonly string[] {
  if (to.startsWith('src/')) return [];
  const owners = OWNERS[to];
  if (owners === undefined) return [`${from} imports ${to}, which has no owner`];
  return owners.some((owner) => from.startsWith(owner))
    ? []
    : [`${from} imports ${to}, which belongs to ${owners.join(', ')}`];
}

/** Modules that wait for each other when they are loaded. Types are gone by then, and import() comes later. */
function cycles(imports: readonly Import[]): readonly string[] {
  const edges = Map.groupBy(
    imports.filter(({ typeOnly }) => !typeOnly),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (module: string, path: readonly string[]) => {
    if (path.includes(module)) found.push(`cycle: ${[...path.slice(path.indexOf(module)), module].join(' → ')}`);
    if (done.has(module) || path.includes(module)) return;
    for (const { to } of edges.get(module) ?? []) visit(to, [...path, module]);
    done.add(module);
  };
  for (const module of edges.keys()) visit(module, []);
  return found;
}
