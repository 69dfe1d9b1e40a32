import { cypherHead, cypherKind, cypherName, cypherTokens, keyword, unprefixed } from './cypher.ts';
import { administration } from './cypher-administration.ts';
import type { Token } from './lexer.ts';
import type { Directives, Span } from './migration.ts';
import type { Fault } from './source.ts';

/** The labels of the history and of the locks that guard it, and the type of the relationships between them. */
const OURS = new Set(['_Migration', '_MigrationLease', '_MigrationBootstrap', '_MIGRATION_OF']);

const COMMANDS: Readonly<Record<string, string>> = {
  ':auto':
    'remove :auto, and begin the file with the line: // migrate: auto-commit (and // migrate: replayable where a second run does no harm)',
  ':begin': 'take it out: data statements of a file that stand together are one transaction',
  ':commit': 'take it out: data statements of a file that stand together are one transaction',
  ':rollback': 'take it out: a file that fails is rolled back',
  ':param': 'write the value into the statement, or give it a name: WITH 1 AS x …',
  ':params': 'write the value into the statement, or give it a name: WITH 1 AS x …',
  ':source': 'put the statements into this file, or into a migration of their own',
  ':use': 'take it out; NEO4J_DATABASE says which database migrations go to',
};

/** :begin, :param, :use, …: cypher-shell and the Browser carry them out; the server has never heard of them. */
export function shellFault(text: string, command: Span): Fault {
  const name = /^:\s*\w*/.exec(text.slice(command.start, command.end))?.[0].replace(/\s/g, '') ?? ':';
  return {
    offset: command.start,
    message: `${name} is no Cypher: it is a command of cypher-shell and of the Browser`,
    hint: COMMANDS[name.toLowerCase()] ?? 'take it out',
  };
}

/** What this program cannot run, or must not. */
export function cypherFaults(text: string, statement: Span, directives: Directives): Fault[] {
  const faults: Fault[] = [];
  const head = cypherHead(text, statement);
  const kind = cypherKind(text, statement, head);
  const offset = statement.start;
  if (kind === 'schema') faults.push(...notReplayable(unprefixed(text, statement).tokens, offset));
  if (kind === 'auto' && !directives.autoCommit)
    faults.push({
      offset,
      message: 'CALL … IN TRANSACTIONS commits on its own, batch by batch, so Neo4j refuses it inside a transaction',
      hint: 'begin the file with the line: // migrate: auto-commit (and // migrate: replayable where a second run does no harm)',
    });
  if (head.explained) faults.push(explained(text, statement));
  const command = administration(head.tokens);
  if (command !== undefined)
    faults.push({
      offset,
      message: `${command} administers the server, and a migration changes the graph alone`,
      hint: 'remove it; run it with cypher-shell -d system as an administrator',
    });
  if (keyword(head.tokens[0]) === 'USE')
    faults.push({
      offset,
      message: 'USE goes to another database than the one that keeps the history',
      hint: 'take it out; NEO4J_DATABASE says which database migrations go to',
    });
  if (text.startsWith('--', offset))
    faults.push({ offset, message: '-- does not begin a comment in Cypher', hint: 'write // instead' });
  if (/_migration/i.test(text.slice(statement.start, statement.end))) {
    const label = [...cypherTokens(text, statement)].find((token) => OURS.has(cypherName(token) ?? ''));
    if (label !== undefined)
      faults.push({
        offset: label.start,
        message: `the ${cypherName(label) === '_MIGRATION_OF' ? 'type' : 'label'} ${cypherName(label)} is the history's own: no migration reads or changes it`,
        hint: 'take it out; `localrag-migrate repair` and `baseline` correct the history',
      });
  }
  return faults;
}

/** EXPLAIN runs nothing; with PROFILE the answer has a plan, which a migration has no use for. */
function explained(text: string, statement: Span): Fault {
  const token = [...cypherTokens(text, statement)].find((each) => ['EXPLAIN', 'PROFILE'].includes(keyword(each)));
  const offset = token?.start ?? statement.start;
  if (keyword(token) === 'EXPLAIN')
    return {
      offset,
      message: 'EXPLAIN shows the plan of a statement and does not run it: the file would be applied without it',
      hint: 'remove EXPLAIN',
    };
  return {
    offset,
    message: 'PROFILE shows how a statement runs, and a migration has no use for that',
    hint: 'remove PROFILE',
  };
}

/**
 * Escapes that stand for characters which decide where strings, comments and statements end. Cypher 5 puts the character in
 * their place before it reads anything else, so that '\u0027' ends a string; Cypher 25 does not.
 */
const MEANING_ESCAPE = /\\(?:u(0022|0027|002[fF]|002[aA]|003[bB]|005[cC]|0060|007[bBdD]|000[aAdD])|.)/gs;

export function escapeFaults(text: string): Fault[] {
  if (!text.includes('\\u00')) return [];
  return [...text.matchAll(MEANING_ESCAPE)]
    .filter(([, code]) => code !== undefined)
    .map((match) => ({
      offset: match.index,
      message: `${match[0]} means one thing to Cypher 5 and another to Cypher 25: the older one reads it before it looks for quotes and comments`,
      hint: "write the character itself, after a backslash where it is a quote: \\'",
    }));
}

/** Schema commands run outside of the history's transaction, so every one must do no harm when it runs again. */
function notReplayable(tokens: readonly Token[], offset: number): Fault[] {
  const words = tokens.map(keyword);
  const noun = words.find((word) => word === 'INDEX' || word === 'CONSTRAINT') ?? 'INDEX';
  const at = words.indexOf(noun) + 1;
  const start = words.slice(0, at).join(' ');
  const isNamed = cypherName(tokens[at]) !== undefined && !['IF', 'FOR', 'ON'].includes(words[at] ?? '');
  const after = words.slice(isNamed ? at + 1 : at);
  const name = isNamed ? (tokens[at]?.text ?? '') : 'a_name';
  const hint = 'a schema command runs in a transaction of its own, so after a crash it may run a second time';
  if (words[0] === 'DROP') {
    if (isNamed && after.join(' ').startsWith('IF EXISTS')) return [];
    return [{ offset, message: `a second run of this would fail: write ${start} ${name} IF EXISTS`, hint }];
  }
  if (words[1] === 'OR')
    return [
      {
        offset,
        message: `${start} makes a new one each time: write ${start.replace(' OR REPLACE', '')} ${name} IF NOT EXISTS …`,
        hint,
      },
    ];
  if (!isNamed)
    return [
      {
        offset,
        message: `this ${noun.toLowerCase()} has no name: write ${start} ${name} IF NOT EXISTS …`,
        hint: `without a name \`migrate\` cannot check afterwards that the ${noun.toLowerCase()} exists, is the one that the file describes, and is ONLINE`,
      },
    ];
  if (after.join(' ').startsWith('IF NOT EXISTS')) return [];
  return [{ offset, message: `a second run of this would fail: write ${start} ${name} IF NOT EXISTS …`, hint }];
}
