import { expect, test } from 'vitest';
import { checksum } from '../../src/core/checksum.ts';
import { readDirectives } from '../../src/core/directives.ts';
import type { Step } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';
import { CONSTRAINTS } from '../../src/engine/neo4j/bootstrap.ts';
import { HistoryNodes } from '../../src/engine/neo4j/history.ts';
import { entryOf } from '../../src/engine/neo4j/history-nodes.ts';
import { HistoryTable } from '../../src/engine/postgres/history.ts';
import { read } from './documents.ts';
import { blocksOf, inlineCodeOf } from './markdown.ts';

const FORMAT = read('docs/format.md');
const IDENTITY = { host: 'pod', pid: 1, toolVersion: '1.0.0', runId: 'x' };

/** The rows of the tables under a heading, as their cells. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = FORMAT.split(new RegExp(`^#+ ${heading}$`, 'm'))[1]?.split(/^#/m)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((row) => row.slice(2, -2).split(' | '));
}

function parsed(name: string, text: string) {
  const { migration, problems } = parseMigration(name, Buffer.from(text));
  if (migration === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  return migration;
}

test('the example of a checksum is frozen, and right', () => {
  const [sql, sum] = blocksOf(FORMAT).filter(({ heading }) => heading === 'Checksum');
  expect(sum?.text).toBe('sha256:c469c16c1b94be531a0b6077b99011dc1d1b46e1ec9de2ad686ad210f7245395\n');
  const text = sql?.text ?? '';
  for (const variant of [text, `\uFEFF${text}`, text.replaceAll('\n', '\r\n')])
    expect(`${parsed('001_example.sql', variant).checksum}\n`).toBe(sum?.text);
  expect(checksum(`${text} `)).not.toBe(checksum(text));
});

test('the example of a rollback section is one', () => {
  const [example] = blocksOf(FORMAT).filter(({ heading }) => heading === 'Rollback section');
  const migration = parsed('001_example.sql', `CREATE TABLE example (id integer);\n\n${example?.text}`);
  expect(migration.rollback).toBe('-- The rows are lost.\nDROP TABLE example;');
});

test('every directive is documented, and every documented one is known', () => {
  const documented = rowsUnder('Directives').flatMap(([cell = '']) => /^`([a-z-]+)/.exec(cell)?.[1] ?? []);
  const unknown = readDirectives('-- migrate: nothing-like-it', 'postgres', [0], undefined).faults[0];
  expect(unknown?.hint).toBe(`there are ${documented.join(', ')}`);
});

test('every kind of step is documented', () => {
  const kinds: Record<Step['kind'], true> = {
    'sql-file': true,
    'sql-marked': true,
    'sql-bare': true,
    'cypher-data': true,
    'cypher-schema': true,
    'cypher-auto': true,
  };
  const documented = rowsUnder('Steps').flatMap(([cell = '']) => /^`(.*)`$/.exec(cell)?.[1] ?? []);
  expect(documented).toEqual(Object.keys(kinds));
});

test("the history table's columns are those that are documented, with their types", () => {
  const sql = new HistoryTable('public', IDENTITY).create();
  const first = [...sql.matchAll(/^ {2}(\w+) ([a-z]+(?:\(\d+\))?) (?:GENERATED|NOT)/gm)];
  const ours = [...sql.matchAll(/ADD COLUMN IF NOT EXISTS (\w+) (\w+)/g)];
  const columns = [...first, ...ours].map(([, name, type]) => [name, type]);
  const documented = rowsUnder('PostgreSQL').map(([name = '', type]) => [name.replaceAll('`', ''), type]);
  expect(documented.slice(2)).toEqual(columns);
});

test("the history node's properties and the constraints are those that are documented", async () => {
  const written = new Set<string>();
  const tx = {
    execute: async () => undefined,
    rows: async (query: string, parameters: Record<string, unknown> = {}) => {
      for (const [, name = ''] of query.matchAll(/\bm\.(\w+)/g)) written.add(name);
      for (const name of Object.keys((parameters.facts as object | undefined) ?? {})) written.add(name);
      return [{ recorded: 1 }];
    },
  };
  const migration = parsed('006_example.cypher', 'CREATE (n:Example);\n');
  const nodes = new HistoryNodes(IDENTITY, 'neo4j', () => '5.26.30');
  await nodes.create(tx, migration, 'started', 0);
  await nodes.begun(tx, migration, 0);
  await nodes.done(tx, migration, 1);
  const documented = rowsUnder('Neo4j').flatMap(([cell = '']) => inlineCodeOf(cell));
  expect([...written, 'version'].sort()).toEqual(documented.sort());
  for (const name of Object.keys(CONSTRAINTS)) expect(FORMAT).toContain(`\`${name}\``);
});

test('what `status --json` gives of a migration is documented', () => {
  const everything = {
    ...Object.fromEntries(
      ['checksum', 'stepsChecksum', 'by', 'host', 'toolVersion', 'serverVersion', 'runId'].map((name) => [name, 'x']),
    ),
    ...Object.fromEntries(['version', 'stepsDone', 'stepsTotal', 'stepBegun', 'tookMs'].map((name) => [name, 1])),
    name: '006_example.cypher',
    state: 'applied',
    breaking: true,
    startedAt: '2026-01-01T00:00:00Z',
    appliedAt: '2026-01-01T00:00:01Z',
  };
  const documented = rowsUnder('JSON').flatMap(([cell = '']) => inlineCodeOf(cell));
  for (const field of Object.keys(entryOf(everything))) expect(documented).toContain(field);
});
