import { at, type Kind, SCHEMAS, SEQUENCES, TABLES } from './statement-kind.ts';

/** Statements on tables and sequences, which mean other objects as soon as a session shadows them. */
export const OBJECT_STATEMENTS = {
  createTable: (session, { a, b }) => {
    const [name, schema] = [at(TABLES, a), b % 3 === 0 ? session.creationSchema : at(SCHEMAS, b)];
    const qualified = `${schema}.${name}`;
    if (session.schema.tables.has(qualified)) return undefined;
    session.schema.tables.set(qualified, { owner: session.role, columns: new Set() });
    // An unqualified name means the new table even if a temporary table of this name exists.
    return `CREATE TABLE ${b % 3 === 0 ? name : qualified} (id int, note text)`;
  },
  insert: (session, { a, b }, place) => {
    const name = at(TABLES, a);
    if (session.writableTable(name) === undefined) return undefined;
    return `INSERT INTO ${name} (id, note) VALUES (${b}, '${place}')`;
  },
  update: (session, { a, b }, place) => {
    const name = at(TABLES, a);
    if (session.writableTable(name) === undefined) return undefined;
    return `UPDATE ${name} SET note = concat(note, ' ${place}') WHERE id % 2 = ${b % 2}`;
  },
  addColumn: (session, { a, b }, place) => {
    const [name, column] = [at(TABLES, a), `c${b % 3}`];
    const table = session.ownTable(name);
    if (table === undefined || table.columns.has(column)) return undefined;
    table.columns.add(column);
    return `ALTER TABLE ${name} ADD COLUMN ${column} text DEFAULT '${place}'`;
  },
  dropTable: (session, { a }) => {
    const table = session.ownTable(at(TABLES, a));
    if (table === undefined) return undefined;
    session.dropTable(table.qualified);
    return `DROP TABLE ${at(TABLES, a)}`;
  },
  count: (session, { a }, place) => {
    if (session.table(at(TABLES, a)) === undefined) return undefined;
    return `INSERT INTO public.observed SELECT '${place}', 'count', to_jsonb(count(*)) FROM ${at(TABLES, a)}`;
  },
  createSequence: (session, { a, b }) => {
    const qualified = `${at(SCHEMAS, b)}.${at(SEQUENCES, a)}`;
    if (session.schema.sequences.has(qualified)) return undefined;
    session.schema.sequences.add(qualified);
    return `CREATE SEQUENCE ${qualified} CACHE 20`;
  },
  nextval: (session, { a }, place) => {
    const sequence = session.sequence(at(SEQUENCES, a));
    if (sequence === undefined) return undefined;
    session.nextValue(sequence);
    return `INSERT INTO public.observed SELECT '${place}', 'nextval', to_jsonb(nextval('${at(SEQUENCES, a)}'))`;
  },
  setval: (session, { a, b }) => {
    const sequence = session.sequence(at(SEQUENCES, a));
    if (sequence === undefined) return undefined;
    session.currentValues.add(sequence);
    return `SELECT setval('${at(SEQUENCES, a)}', ${1000 + b})`;
  },
  currval: (session, { a }, place) => {
    const sequence = session.sequence(at(SEQUENCES, a));
    if (sequence === undefined || !session.currentValues.has(sequence)) return undefined;
    return `INSERT INTO public.observed SELECT '${place}', 'currval', to_jsonb(currval('${at(SEQUENCES, a)}'))`;
  },
  lastval: (session, _, place) =>
    session.lastSequence && `INSERT INTO public.observed SELECT '${place}', 'lastval', to_jsonb(lastval())`,
  createFunction: (session, { a, b }) => {
    const name = `${at(SCHEMAS, b)}.write_${at(TABLES, a)}`;
    if (session.schema.functions.has(name)) return undefined;
    session.schema.functions.set(name, at(TABLES, a));
    return `CREATE FUNCTION ${name}(at text) RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO ${at(TABLES, a)} (id, note) VALUES (0, at); END $$`;
  },
  callFunction: (session, { a, b }, place) => {
    const name = `${at(SCHEMAS, b)}.write_${at(TABLES, a)}`;
    const table = session.schema.functions.get(name);
    if (table === undefined || session.writableTable(table) === undefined) return undefined;
    return `SELECT ${name}('${place}')`;
  },
  deferred: (
    _,
    { a, b },
    place,
  ) => `SET CONSTRAINTS ALL ${b % 2 === 0 ? 'DEFERRED' : 'IMMEDIATE; SET CONSTRAINTS ALL DEFERRED'};
INSERT INTO public.children VALUES (${a}, '${place}');
INSERT INTO public.parents VALUES (${a}) ON CONFLICT DO NOTHING`,
} satisfies Record<string, Kind>;
