import fc from 'fast-check';
import { OBJECT_STATEMENTS } from './object-statements.ts';
import { SchemaModel, SessionModel } from './session-model.ts';
import { SESSION_STATEMENTS } from './session-statements.ts';
import type { Choice, Kind } from './statement-kind.ts';

const KINDS: Readonly<Record<string, Kind>> = { ...OBJECT_STATEMENTS, ...SESSION_STATEMENTS };
/** These find differences that other statements only prepare. */
const FREQUENT = ['insert', 'addColumn', 'nextval', 'temporaryTable', 'observe', 'observe'];

interface Pick extends Choice {
  readonly kind: string;
}

interface FileOfPicks {
  /** SET TRANSACTION is valid only before the first query. */
  readonly isolation: string | undefined;
  readonly picks: readonly Pick[];
}

/** A directory as choices. Leaving out any of them gives another valid directory, so that fast-check can shrink it. */
export type Choices = readonly FileOfPicks[];

const pick: fc.Arbitrary<Pick> = fc.record({
  kind: fc.constantFrom(...Object.keys(KINDS), ...FREQUENT),
  a: fc.nat(11),
  b: fc.nat(11),
});

export const directoryChoices: fc.Arbitrary<Choices> = fc.array(
  fc.record({
    isolation: fc.option(fc.constantFrom('SERIALIZABLE', 'REPEATABLE READ'), { freq: 5, nil: undefined }),
    picks: fc.array(pick, { minLength: 1, maxLength: 12, size: 'max' }),
  }),
  { minLength: 2, maxLength: 6, size: 'max' },
);

/**
 * The first file: the objects that the others share, and a view of what a session is. Text is cast when the view is read,
 * so that the session's settings count and not those of this file.
 */
function baseFile(other: string): string {
  return `CREATE SCHEMA app;
GRANT USAGE, CREATE ON SCHEMA public, app TO ${other};
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO ${other};
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO ${other};
CREATE TABLE public.docs (id int, note text);
CREATE TABLE public.chunks (id int, note text);
CREATE TABLE app.docs (id int, note text);
INSERT INTO public.docs VALUES (1, 'base'), (2, 'base');
CREATE SEQUENCE public.ids CACHE 20;
CREATE SEQUENCE app.ids CACHE 20;
CREATE TABLE public.parents (id int PRIMARY KEY);
CREATE TABLE public.children (parent int REFERENCES public.parents DEFERRABLE, note text);
CREATE TABLE public.observed (at text, what text, value jsonb);
CREATE VIEW public.session AS SELECT key AS what, value FROM (SELECT
  current_user::text AS role, session_user::text AS session_role, current_setting('search_path') AS search_path,
  (SELECT regexp_replace(nspname, '_[0-9]+$', '') FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE c.oid = to_regclass('docs')) AS docs_are_in,
  (SELECT string_agg(name, ' ' ORDER BY name) FROM pg_prepared_statements WHERE from_sql) AS prepared,
  (SELECT string_agg(name, ' ' ORDER BY name) FROM pg_cursors) AS cursors,
  (SELECT string_agg(channel, ' ' ORDER BY channel) FROM pg_listening_channels() channel) AS channels,
  (SELECT string_agg(objid::text || mode, ' ' ORDER BY objid, mode) FROM pg_locks
    WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND classid = 77) AS advisory_locks,
  current_setting('transaction_isolation') AS isolation, current_setting('default_transaction_isolation') AS next_isolation,
  current_setting('default_transaction_read_only') AS next_read_only, current_setting('client_encoding') AS encoding,
  current_setting('check_function_bodies') AS check_bodies, current_setting('quote_all_identifiers') AS quote_all,
  current_setting('bytea_output') AS bytea, current_setting('standard_conforming_strings') AS plain_strings,
  text '02/01/2026'::date - date '2026-01-01' AS days, interval '-1 day 2 hours'::text AS duration,
  to_timestamp(0)::text AS epoch, (float8 '0.1' * 3)::text AS float
) s, jsonb_each(to_jsonb(s));
`;
}

/** The files that the choices make; `other` is the name of the second role. */
export function filesOf(choices: Choices, other: string): Readonly<Record<string, string>> {
  const schema = new SchemaModel();
  for (const table of ['public.docs', 'public.chunks', 'app.docs'])
    schema.tables.set(table, { owner: 'owner', columns: new Set() });
  for (const sequence of ['public.ids', 'app.ids']) schema.sequences.add(sequence);
  const files = choices.map(({ isolation, picks }, index) => {
    const session = new SessionModel(schema);
    const number = index + 2;
    const statements = [
      ...(isolation === undefined ? [] : [`SET TRANSACTION ISOLATION LEVEL ${isolation}`]),
      ...picks.map(({ kind, ...choice }, at) => KINDS[kind]?.(session, choice, `f${number}.${at + 1}`, other) ?? ''),
    ].filter((statement) => statement !== '');
    // A file without a statement is invalid.
    if (statements.length === 0) statements.push('SELECT 1');
    return [`${String(number).padStart(3, '0')}_file.sql`, statements.map((statement) => `${statement};\n`).join('')];
  });
  return { '001_base.sql': baseFile(other), ...Object.fromEntries(files) };
}
