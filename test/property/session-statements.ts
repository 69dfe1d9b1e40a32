import { at, type Kind, SCHEMAS, SEQUENCES, TABLES } from './statement-kind.ts';

const PATHS = [['public'], ['app'], ['app', 'public'], ['public', 'app']] as const;
const SET_ROLE = ['SET ROLE', 'SET LOCAL ROLE', 'SET SESSION ROLE'] as const;
const RESET_ROLE = ['RESET ROLE', 'SET ROLE NONE', 'SET SESSION AUTHORIZATION DEFAULT; RESET ROLE'] as const;
const ON_COMMIT = ['', ' ON COMMIT PRESERVE ROWS', ' ON COMMIT DELETE ROWS', ' ON COMMIT DROP'] as const;
const SETTINGS = [
  ['DateStyle', 'German'],
  ['DateStyle', 'SQL, DMY'],
  ['IntervalStyle', 'iso_8601'],
  ['TimeZone', 'Asia/Tokyo'],
  ['extra_float_digits', '0'],
  ['bytea_output', 'escape'],
  ['check_function_bodies', 'off'],
  ['quote_all_identifiers', 'on'],
  ['default_transaction_isolation', 'serializable'],
  ['default_transaction_read_only', 'on'],
  ['standard_conforming_strings', 'off'],
  ['client_encoding', 'LATIN1'],
  ['lock_timeout', '10min'],
  ['statement_timeout', '10min'],
  ['idle_in_transaction_session_timeout', '10min'],
] as const;
const CHARACTERISTICS = ['ISOLATION LEVEL SERIALIZABLE', 'READ ONLY', 'ISOLATION LEVEL REPEATABLE READ, READ ONLY'];

/** Statements that leave something in the session. */
export const SESSION_STATEMENTS = {
  temporaryTable: (session, { a, b }, place) => {
    const name = at(TABLES, a);
    if (session.temporary.has(name)) return undefined;
    session.temporary.set(name, { kind: 'table', owner: session.role, columns: new Set() });
    const end = at(ON_COMMIT, b);
    return b % 2 === 0
      ? `CREATE TEMP TABLE ${name} (id int, note text)${end}`
      : `CREATE TEMP TABLE ${name}${end} AS SELECT ${a} AS id, '${place}'::text AS note`;
  },
  temporaryView: (session, { a, b }, place) => {
    const name = at(TABLES, a);
    if (session.temporary.has(name)) return undefined;
    session.temporary.set(name, { kind: 'view', owner: session.role, columns: new Set() });
    return `CREATE TEMP VIEW ${name} AS SELECT n AS id, '${place}'::text AS note FROM generate_series(1, ${b}) n`;
  },
  temporarySequence: (session, { a, b }) => {
    const name = at(SEQUENCES, a);
    if (session.temporary.has(name)) return undefined;
    session.temporary.set(name, { kind: 'sequence', owner: session.role, columns: new Set() });
    return `CREATE TEMP SEQUENCE ${name} START ${500 + b}`;
  },
  temporaryFunction: (session, { a }, place) => {
    const name = `pg_temp.says_${a % 2}`;
    if (session.temporaryFunctions.has(name)) return undefined;
    session.temporaryFunctions.add(name);
    return `CREATE FUNCTION ${name}() RETURNS text LANGUAGE sql AS $$ SELECT '${place}' $$`;
  },
  callTemporaryFunction: (session, { a }, place) => {
    const name = `pg_temp.says_${a % 2}`;
    if (!session.temporaryFunctions.has(name)) return undefined;
    return `INSERT INTO public.observed SELECT '${place}', '${name}', to_jsonb(${name}())`;
  },
  prepare: (session, { a, b }) => {
    const [name, table] = [`add_${a % 2}`, `${at(SCHEMAS, b)}.${at(TABLES, a)}`];
    if (session.prepared.has(name) || !session.schema.tables.has(table)) return undefined;
    session.prepared.set(name, table);
    return `PREPARE ${name}(text) AS INSERT INTO ${table} (id, note) VALUES (${b}, $1)`;
  },
  execute: (session, { a }, place) => {
    const table = session.prepared.get(`add_${a % 2}`);
    if (table === undefined || !session.schema.tables.has(table)) return undefined;
    return `EXECUTE add_${a % 2}('${place}')`;
  },
  deallocate: (session, { a, b }) => {
    const name = `add_${a % 2}`;
    if (b % 3 === 0) session.prepared.clear();
    else if (!session.prepared.delete(name)) return undefined;
    return b % 3 === 0 ? 'DEALLOCATE ALL' : `DEALLOCATE ${name}`;
  },
  declare: (session, { a, b }) => {
    const [name, table] = [`c_${a % 2}`, `${at(SCHEMAS, b)}.${at(TABLES, a)}`];
    if (session.cursors.has(name) || !session.schema.tables.has(table)) return undefined;
    session.cursors.set(name, table);
    return `DECLARE ${name} CURSOR ${b % 3 === 0 ? '' : 'WITH HOLD '}FOR SELECT id FROM ${table}`;
  },
  fetch: (session, { a, b }) => {
    if (!session.cursors.has(`c_${a % 2}`)) return undefined;
    return `${at(['FETCH', 'MOVE'], b)} ${at(['1', 'ALL'], b)} FROM c_${a % 2}`;
  },
  close: (session, { a, b }) => {
    if (b % 3 === 0) session.cursors.clear();
    else if (!session.cursors.delete(`c_${a % 2}`)) return undefined;
    return b % 3 === 0 ? 'CLOSE ALL' : `CLOSE c_${a % 2}`;
  },
  listen: (_, { a }) => `LISTEN channel_${a % 2}`,
  unlisten: (_, { a }) => at(['UNLISTEN *', 'UNLISTEN channel_0'], a),
  notify: (_, { a, b }) => `NOTIFY channel_${a % 2}, '${b}'`,
  advisoryLock: (_, { a, b }) =>
    `SELECT ${at(['pg_advisory_lock', 'pg_advisory_lock_shared', 'pg_advisory_xact_lock'], b)}(77, ${a})`,
  searchPath: (session, { a, b }) => {
    const path = at(PATHS, a);
    session.searchPath = path;
    return at(
      [
        `SET search_path = ${path.join(', ')}`,
        `SET LOCAL search_path = ${path.join(', ')}`,
        `SELECT set_config('search_path', '${path.join(', ')}', false)`,
      ],
      b,
    );
  },
  resetSearchPath: (session, { a }) => {
    session.resetSearchPath();
    return at(['RESET search_path', 'SET search_path TO DEFAULT', 'RESET ALL'], a);
  },
  setting: (_, { a, b }) => {
    const [name, value] = at(SETTINGS, a);
    return at(
      [
        `SET ${name} = '${value}'`,
        `SET LOCAL ${name} = '${value}'`,
        `SELECT set_config('${name}', '${value}', false)`,
        `RESET ${name}`,
      ],
      b,
    );
  },
  characteristics: (_, { a }) => `SET SESSION CHARACTERISTICS AS TRANSACTION ${at(CHARACTERISTICS, a)}`,
  setRole: (session, { a }, _, other) => {
    session.role = 'other';
    return a % 4 === 3 ? `SELECT set_config('role', '${other}', false)` : `${at(SET_ROLE, a)} ${other}`;
  },
  resetRole: (session, { a }) => {
    session.role = 'owner';
    return at(RESET_ROLE, a);
  },
  discard: (session, { a }) => {
    const what = at(['TEMP', 'PLANS', 'SEQUENCES'] as const, a);
    if (what === 'TEMP') session.discardTemporary();
    if (what === 'SEQUENCES') session.discardSequences();
    return `DISCARD ${what}`;
  },
  observe: (_, __, place) => `INSERT INTO public.observed SELECT '${place}', * FROM public.session`,
} satisfies Record<string, Kind>;
