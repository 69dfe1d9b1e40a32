import type { BuiltInRule } from './rule.ts';

const TABLE = 'CREATE TABLE notes (id bigint PRIMARY KEY, title text);';

export const syntax: BuiltInRule = {
  of: 'lint',
  id: 'syntax',
  level: 'error',
  why: 'The parser of PostgreSQL itself, of version 18, does not understand the statement; the server would refuse the file.',
  remedy: 'Correct it. Where a newer server understands it, allow it and name the version.',
  bad: { text: 'CREATE TABEL notes (id bigint);' },
  good: { text: TABLE },
};

export const unknownRule: BuiltInRule = {
  of: 'lint',
  id: 'unknown-rule',
  level: 'error',
  why: 'The directive allows a rule that does not exist, so it allows nothing.',
  remedy: 'Write the name of the rule as the finding has it, or take the directive out.',
  bad: { text: `-- migrate: allow drop-tabel: not used since 2.3\n${TABLE}` },
  good: { text: TABLE },
};

export const unusedAllow: BuiltInRule = {
  of: 'lint',
  id: 'unused-allow',
  level: 'warning',
  why: 'The file does nothing that the allowed rule would find: the exception is a leftover, and hides what a later edit brings in.',
  remedy: 'Take the directive out, as long as the file has not been released.',
  bad: { text: `-- migrate: allow drop-table: not used since 2.3\n${TABLE}` },
  good: { text: TABLE },
};
