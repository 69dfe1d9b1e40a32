import { parseDuration } from './duration.ts';
import type { Database, Directives } from './migration.ts';
import { nearest } from './nearest.ts';
import type { Fault } from './source.ts';

/** PostgreSQL and timers take a timeout as a signed 32-bit number of milliseconds, a little less than 25 days. */
const LONGEST = 2 ** 31 - 1;

type Flag = 'noTransaction' | 'autoCommit' | 'replayable' | 'breaking';
type Timeout = 'ddlLockTimeout' | 'statementTimeout';

interface Meaning {
  /** The only database whose migrations may say it. */
  readonly only?: Database;
  readonly flag?: Flag;
  readonly timeout?: Timeout;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  'no-transaction': { flag: 'noTransaction', only: 'postgres' },
  'auto-commit': { flag: 'autoCommit', only: 'neo4j' },
  replayable: { flag: 'replayable' },
  breaking: { flag: 'breaking' },
  'ddl-lock-timeout': { timeout: 'ddlLockTimeout' },
  'statement-timeout': { timeout: 'statementTimeout' },
  allow: {},
};
const NAMES = Object.keys(MEANINGS);

const LANGUAGES: Readonly<Record<Database, string>> = { postgres: 'SQL', neo4j: 'Cypher' };

/** What a file says about itself in its leading comments, and what is wrong with how it says it. */
export function readDirectives(
  text: string,
  database: Database,
  markers: readonly number[],
  firstStatement: number | undefined,
): { readonly directives: Directives; readonly faults: readonly Fault[] } {
  const found: { -readonly [Key in keyof Directives]: Directives[Key] } = {
    noTransaction: false,
    autoCommit: false,
    replayable: false,
    breaking: false,
    allow: new Map(),
  };
  const allow = new Map<string, string>();
  const seen = new Set<string>();
  const faults: Fault[] = [];

  for (const marker of markers) {
    const words = /..[ \t]*migrate[ \t]*:(.*)/iy;
    words.lastIndex = marker;
    const directive = words.exec(text)?.[1]?.trim();
    if (directive === undefined) continue;
    const offset = text.indexOf(':', marker) + 1;
    const at = offset + (/^[ \t]*/.exec(text.slice(offset, words.lastIndex))?.[0].length ?? 0);
    // A mark of another tool, for which foreign-sections.ts has words.
    if (/^(?:up|down)\b/i.test(directive)) continue;
    const fault = marker < (firstStatement ?? text.length) ? read(directive) : misplaced();
    if (fault !== undefined) faults.push({ offset: at, ...fault });
  }
  return { directives: { ...found, allow }, faults };

  function read(directive: string): Fault | undefined {
    const [, name = '', rest = ''] = /^([^\s=:]*)(.*)$/.exec(directive) ?? [];
    const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
    if (meaning === undefined) return unknown(name, directive);
    if (meaning.only !== undefined && meaning.only !== database)
      return {
        message: `the directive ${name} is for ${LANGUAGES[meaning.only]} files, and this is a ${LANGUAGES[database]} file`,
        hint: 'take it out',
      };
    if (name === 'allow') return readAllow(rest);
    if (seen.has(name)) return { message: `the directive ${name} stands here a second time`, hint: 'take one out' };
    seen.add(name);
    if (meaning.timeout !== undefined) return readTimeout(name, meaning.timeout, rest);
    if (rest !== '') return { message: `the directive ${name} takes nothing after it`, hint: 'one directive a line' };
    if (meaning.flag !== undefined) found[meaning.flag] = true;
    return undefined;
  }

  function readTimeout(name: string, timeout: Timeout, rest: string): Fault | undefined {
    const milliseconds = parseDuration(rest.replace(/^\s*=\s*/, ''));
    if (!/^\s*=/.test(rest) || milliseconds === undefined)
      return { message: `the directive ${name} needs a duration`, hint: `write ${name}=5s (or 500ms, 5m, 1h)` };
    if (milliseconds > LONGEST) return { message: `the ${name} is longer than 24 days`, hint: 'write a shorter one' };
    if (milliseconds === 0 && timeout === 'ddlLockTimeout')
      return {
        message: `a ${name} of 0 would wait without limit, and everybody who wants the table would wait behind it`,
        hint: 'give it some seconds',
      };
    found[timeout] = milliseconds;
    return undefined;
  }

  function readAllow(rest: string): Fault | undefined {
    const [, rule, reason] = /^\s+([a-z0-9-]+)\s*:\s*(\S.*)$/.exec(rest) ?? [];
    if (rule === undefined || reason === undefined)
      return { message: 'the directive allow needs a rule and a reason', hint: 'write allow <rule>: <reason>' };
    if (allow.has(rule))
      return { message: `the directive allow ${rule} stands here a second time`, hint: 'take one out' };
    allow.set(rule, reason);
    return undefined;
  }
}

function unknown(name: string, directive: string): Fault {
  const suggestion = nearest(name, NAMES);
  return {
    message: directive === '' ? 'a directive has no name' : `there is no directive ${name}`,
    hint: suggestion === undefined ? `there are ${NAMES.join(', ')}` : `did you mean ${suggestion}?`,
  };
}

function misplaced(): Fault {
  return {
    message: 'this directive stands below the first statement, where it has no effect',
    hint: 'directives stand in the leading comments: move it to the top of the file',
  };
}
