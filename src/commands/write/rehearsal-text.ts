import { lockMode } from '../../analysis/impact/locks.ts';
import type { LeftOut, Rehearsal, Rehearsed } from '../../engine/engine.ts';

const WIDTH = 100;

export function rehearsalText(rehearsals: readonly Rehearsal[]): readonly string[] {
  const statements = rehearsals.flatMap((rehearsal) => rehearsal.statements);
  const leftOut = rehearsals.flatMap((rehearsal) => rehearsal.leftOut);
  const remains = rehearsals.flatMap((rehearsal) => rehearsal.remains);
  const graph = rehearsals.some(({ database, statements }) => database === 'neo4j' && statements.length > 0);
  return [
    `Rehearsed ${count(statements.length, 'statement')}: none was refused, and all were rolled back.`,
    ...[...Map.groupBy(statements, ({ migration }) => migration)].flatMap(([migration, all]) => [
      '',
      `${migration}  ${duration(all.reduce((sum, { tookMs }) => sum + tookMs, 0))}`,
      ...all.flatMap(statementLines),
    ]),
    ...(leftOut.length > 0
      ? ['', `Not rehearsed: ${count(leftOut.length, 'statement')}`, ...leftOutLines(leftOut)]
      : []),
    ...(graph ? ['', 'Neo4j fills an index after the commit alone: how long that takes was not rehearsed.'] : []),
    '',
    ...(remains.length > 0 ? ['Nothing remains, but:', ...remains.map((each) => `  ${each}`)] : ['Nothing remains.']),
  ];
}

function statementLines({
  migration,
  line,
  text,
  tookMs,
  locks,
  lockCount = 0,
  rewrites,
  rows,
}: Rehearsed): readonly string[] {
  const label = `  line ${line}  `;
  const held = Map.groupBy(locks, ({ mode }) => mode);
  const seen = [
    duration(tookMs),
    ...[...held].map(([mode, each]) => `${lockMode(mode)} on ${each.map(({ object }) => object).join(', ')}`),
    ...(rewrites.length > 0 ? [`wrote ${rewrites.join(', ')} anew`] : []),
    ...(lockCount > 0 ? [count(lockCount, 'lock')] : []),
    ...(rows > 0 ? [changed(rows, migration.endsWith('.sql'))] : []),
  ];
  const statement = text.replace(/\s+/g, ' ');
  return [
    label + (statement.length > WIDTH ? `${statement.slice(0, WIDTH - 1)}…` : statement),
    `${' '.repeat(label.length)}${seen.join('; ')}`,
  ];
}

/** A line for each reason, and where it holds. */
function leftOutLines(leftOut: readonly LeftOut[]): readonly string[] {
  return [...Map.groupBy(leftOut, ({ migration, why }) => `${migration}\0${why}`).values()].map((all) => {
    const lines = all.map(({ line }) => line);
    return `  ${all[0]?.migration} line${lines.length === 1 ? '' : 's'} ${lines.join(', ')}: ${all[0]?.why}`;
  });
}

function changed(rows: number, isSql: boolean): string {
  return isSql ? count(rows, 'row') : `changed ${rows.toLocaleString('en')} (nodes, relationships, properties, labels)`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
