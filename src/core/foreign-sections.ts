import type { Script } from './lexer.ts';
import type { Fault } from './source.ts';

interface Tool {
  readonly name: string;
  /** The line comment that begins the section which undoes, from its dashes on. */
  readonly down: RegExp;
  /** A mark that also occurs as an ordinary remark makes a section only below this one. */
  readonly below?: RegExp;
}

const FRAME = '[-=#*+@!~<>\\[\\]():.\\s]*';
const KIND = '(?:(?:migrat(?:e|ion)|script|section|part)\\s*)?';

/** A comment of these words alone, with or without decoration: `-- Up`, `-- ==== DOWN ====`, `-- down migration`. */
function alone(words: string): RegExp {
  return new RegExp(`^--${FRAME}${KIND}(?:${words})s?\\s*${KIND}${FRAME}$`, 'i');
}

const TOOLS: readonly Tool[] = [
  { name: 'dbmate', down: /^--\s*migrate\s*:\s*down\b/i },
  { name: 'goose', down: /^--\s*\+\s*goose\s+down\b/i },
  { name: 'sql-migrate', down: /^--\s*\+\s*migrate\s+down\b/i },
  { name: 'micrate', down: /^--\s*\+\s*micrate\s+down\b/i },
  { name: 'another tool', down: /^--\s*\+\s*\w+\s+down\b/i },
  { name: 'rambler', down: /^--\s*rambler\s+down\b/i },
  { name: 'node-pg-migrate', down: /^--[\s-]*down\s+migration[\s-]*$/i },
  { name: 'tern', down: /^--[\s-]*create above \/ drop below\b/i },
  { name: 'Play', down: /^--[\s-]*!downs\b/i },
  { name: 'MyBatis Migrations', down: /^--\s*(?:\/\/)?\s*@undo\b/i },
  { name: 'another tool', down: alone('down|downgrade'), below: alone('up|upgrade') },
];

/** Files in which another tool keeps the way back behind a comment: to this program that is a part of the migration. */
export function foreignSectionFaults(text: string, { foreignMarks, statements }: Script): readonly Fault[] {
  const marks = foreignMarks.flatMap((offset) => {
    const end = text.indexOf('\n', offset);
    const before = text.slice(text.lastIndexOf('\n', offset) + 1, offset);
    // Play takes lines that begin with # for marks too.
    return /^\s*#?\s*$/.test(before) ? [{ offset, line: text.slice(offset, end < 0 ? undefined : end).trimEnd() }] : [];
  });
  const last = statements.at(-1)?.end ?? -1;
  for (const { name, down, below } of TOOLS) {
    const begin = marks.find(({ line }) => down.test(line));
    // Without a statement behind it the section does nothing.
    if (begin === undefined || begin.offset > last) continue;
    if (below !== undefined && !marks.some(({ line, offset }) => offset < begin.offset && below.test(line))) continue;
    return [
      {
        offset: begin.offset,
        message: `here a section of ${name} begins that undoes the migration: \`migrate\` would run it with the rest of the file`,
        hint: 'keep the part that migrates, and put the part that undoes it behind a line `-- Rollback:`, all in comments (-- DROP TABLE …)',
      },
    ];
  }
  const dbmate = marks.find(({ line }) => /^--[ \t]*migrate[ \t]*:[ \t]*(?:up|down)\b/i.test(line));
  if (dbmate === undefined) return [];
  return [
    {
      offset: dbmate.offset,
      message: 'this is a mark of dbmate and no directive',
      hint: 'remove the line; a statement that PostgreSQL refuses in a transaction needs the line: -- migrate: no-transaction',
    },
  ];
}
