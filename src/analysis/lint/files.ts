import { isAtomic, type Migration, type Step } from '../../core/migration.ts';
import { outline } from '../../core/sql.ts';
import type { FileRule } from './rule.ts';

const TABLE = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';
const INDEX = 'ON notes (title);';

export const missingRollback: FileRule = {
  of: 'file',
  language: 'sql',
  id: 'missing-rollback',
  level: 'warning',
  why: 'Nobody can say in the middle of a bad night how to undo what the file did: rollback-plan has nothing to print for it.',
  remedy:
    'End the file with a section `-- Rollback:` (`// Rollback:` in Cypher), all in comments; where there is nothing to undo, say so in it.',
  bad: { text: TABLE },
  good: { text: `${TABLE}\n\n-- Rollback:\n-- DROP TABLE notes;` },
  *check({ rollback }) {
    if (rollback === undefined) yield { offset: 0, message: 'the file has no rollback section' };
  },
};

export const stepNotReplayable: FileRule = {
  of: 'file',
  language: 'sql',
  id: 'step-not-replayable',
  level: 'warning',
  why: 'This step cannot share a transaction with its entry in the history. Where the program is killed in it, nobody knows whether it is done, and the next run stops until a person has looked (76, unfinished).',
  remedy:
    'Write it so that a second run does no harm (IF NOT EXISTS, IF EXISTS), and where this program cannot tell, say so with the directive replayable.',
  bad: { before: [TABLE], text: `-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY notes_title_idx ${INDEX}` },
  good: {
    before: [TABLE],
    text: `-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS notes_title_idx ${INDEX}`,
  },
  *check({ steps }) {
    for (const step of steps)
      if (!isAtomic(step) && !step.replayable)
        yield { offset: startOf(step), message: 'after a crash in this step a person has to look whether it is done' };
  },
};

/** What fails the second time without IF [NOT] EXISTS. */
const FAILS_AGAIN =
  /^(CREATE (UNIQUE )?INDEX CONCURRENTLY (?!IF )|DROP INDEX CONCURRENTLY (?!IF )|(CREATE|DROP) (DATABASE|TABLESPACE) (?!IF ))/;

export const replayWithoutIfExists: FileRule = {
  of: 'file',
  language: 'sql',
  id: 'replay-without-if-exists',
  level: 'warning',
  why: 'The file says that it is replayable, but after a crash in this step the second run fails at what the first one made.',
  remedy: 'Write IF NOT EXISTS, or IF EXISTS.',
  bad: {
    before: [TABLE],
    text: `-- migrate: no-transaction\n-- migrate: replayable\nCREATE INDEX CONCURRENTLY notes_title_idx ${INDEX}`,
  },
  good: {
    before: [TABLE],
    text: `-- migrate: no-transaction\n-- migrate: replayable\nCREATE INDEX CONCURRENTLY IF NOT EXISTS notes_title_idx ${INDEX}`,
  },
  *check({ steps, text, directives, database }: Migration) {
    if (!directives.replayable || database !== 'postgres') return;
    for (const step of steps)
      for (const span of isAtomic(step) ? [] : step.statements)
        if (FAILS_AGAIN.test(outline(text, span)))
          yield { offset: span.start, message: 'a second run of this statement fails' };
  },
};

function startOf({ statements }: Step): number {
  return statements[0]?.start ?? 0;
}
