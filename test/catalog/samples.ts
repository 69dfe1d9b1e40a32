import type { Catalog, CatalogObject, Column, Index, Routine } from '../../src/catalog/model.ts';
import type { Reference, Stage } from '../../src/catalog/reference.ts';
import type { Entry, History } from '../../src/core/history.ts';
import type { Migration } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';

// A small schema in the words of the catalog.

export const table = (name: string): CatalogObject => ({ kind: 'table', name });

export const column = (name: string, type: string, more: Partial<Column> = {}): Column => {
  const [owner = '', own = ''] = name.split('.');
  return { kind: 'column', table: owner, name: own, type, required: false, ...more };
};

export const index = (name: string, on: string, more: Partial<Index> = {}): Index => {
  const [owner = '', own = ''] = on.split('.');
  const definition = `CREATE INDEX ${name} ON ${owner} USING btree (${own})`;
  return { kind: 'index', table: owner, name, definition, columns: [own], ...more };
};

export const check = (name: string, definition: string): CatalogObject => {
  const [owner = '', own = ''] = name.split('.');
  return { kind: 'constraint', table: owner, name: own, type: 'check', definition, columns: [] };
};

export const routine = (name: string, body: string, more: Partial<Routine> = {}): Routine => ({
  kind: 'function',
  name,
  arguments: '',
  result: 'integer',
  definition: `CREATE OR REPLACE FUNCTION ${name}\n RETURNS integer\n LANGUAGE sql\nAS $function$${body}$function$\n`,
  ...more,
});

export const catalog = (objects: readonly CatalogObject[], more: Partial<Catalog> = {}): Catalog => ({
  database: objects.some(({ kind }) => kind.startsWith('graph')) ? 'neo4j' : 'postgres',
  objects,
  dimensions: [],
  ...more,
});

export const file = (name: string, text = 'SELECT 1;\n'): Migration => {
  const { migration } = parseMigration(name, Buffer.from(text));
  if (migration === undefined) throw new Error(`${name} is not valid`);
  return migration;
};

export const reference = (files: readonly Migration[], postgres: readonly Stage[]): Reference => ({
  format: 1,
  files: Object.fromEntries(files.map(({ name, checksum }) => [name, checksum])),
  stages: { postgres, neo4j: [] },
});

export const history = (...names: readonly string[]): History => ({
  database: 'postgres',
  entries: names.map((name): Entry => {
    const [own = name, state = 'applied'] = name.split(' ');
    return { database: 'postgres', name: own, version: Number.parseInt(own, 10), state: state as Entry['state'] };
  }),
});
