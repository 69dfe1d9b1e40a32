import { expect, test } from 'vitest';
import type {
  InTheWay,
  PlanData,
  PlannedEffect,
  PlannedMigration,
  PlannedStatement,
  PlannedStep,
} from '../../src/commands/read/plan/planned.ts';
import { read } from './documents.ts';
import { inlineCodeOf } from './markdown.ts';

/** Every field of a type: the compiler finds what is missing here, the test what is missing in the document. */
type Fields<T> = Record<keyof Required<T>, true>;
const plan: Fields<PlanData> = { assumed: true, pending: true, ahead: true, inTheWay: true, hidden: true };
const migration: Fields<PlannedMigration> = {
  version: true,
  name: true,
  database: true,
  checksum: true,
  from: true,
  steps: true,
  findings: true,
};
const step: Fields<PlannedStep> = {
  step: true,
  kind: true,
  atomic: true,
  replayable: true,
  done: true,
  statements: true,
};
const statement: Fields<PlannedStatement> = {
  line: true,
  text: true,
  effects: true,
  creates: true,
  waitsForTransactions: true,
  opaque: true,
  notes: true,
};
const effect: Fields<PlannedEffect> = {
  object: true,
  kind: true,
  lock: true,
  work: true,
  blocks: true,
  new: true,
  bytes: true,
  rows: true,
};
const way: Fields<InTheWay> = {
  database: true,
  object: true,
  holds: true,
  pid: true,
  user: true,
  application: true,
  host: true,
  since: true,
  doing: true,
  transaction: true,
  hidden: true,
  maybe: true,
  migration: true,
  line: true,
};

test.each([
  ['Plan', plan],
  ['Migration', migration],
  ['Step', step],
  ['Statement', statement],
  ['Effect', effect],
  ['In the way', way],
])('the fields of `plan --json` are those that are documented: %s', (heading, fields) => {
  const section = read('docs/plan.md').split(`\n### ${heading}\n`)[1]?.split(/^#/m)[0] ?? '';
  const cells = section.split('\n').flatMap((line) => /^\| (`.*?) \|/.exec(line)?.[1] ?? []);
  expect(cells.flatMap(inlineCodeOf).sort()).toEqual(Object.keys(fields).sort());
});
