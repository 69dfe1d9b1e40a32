import type { Script } from './lexer.ts';
import type { Span } from './migration.ts';
import type { Fault } from './source.ts';
import { identifier, sqlTokens } from './sql.ts';

const OFF = /^'?(?:of|off|f|fa|fal|fals|false|n|no|0)'?$/i;

/**
 * What is wrong with strings that a file's own standard_conforming_strings = off (or backslash_quote) is meant for. The server
 * reads all of a file before it runs the first statement, so that they would be stored with their backslashes.
 */
export function withQuotingFaults(text: string, script: Script, faults: readonly Fault[]): readonly Fault[] {
  const found = settings(text, script.statements);
  const off = found.find(({ name }) => name === 'standard_conforming_strings');
  const string = off && firstWithBackslash(text, off);
  // From there on the file means something else than it says.
  const certain = faults.filter(({ offset = 0 }) => string === undefined || offset < string);
  const { unterminated } = script;
  const setting = unterminated && found.find(({ from, to }) => from <= unterminated.offset && unterminated.offset < to);
  if (setting !== undefined && unterminated?.what === 'string')
    return [
      ...certain.filter(({ offset }) => offset !== unterminated.offset),
      quotingFault(unterminated.offset, 'unterminated string: it opens here and is never closed', setting),
    ];
  if (off === undefined || string === undefined) return faults;
  return [...certain, quotingFault(string, 'this string has a backslash', off)];
}

function quotingFault(offset: number, what: string, setting: Setting): Fault {
  return { offset, message: `${what}; ${setting.text} of this file has no effect on it`, hint: HINT };
}

const HINT =
  "`migrate` reads files with standard_conforming_strings = on, where a backslash in '…' is an ordinary character: write E'…', or '' for a quote";

function firstWithBackslash(text: string, { from, to }: Setting): number | undefined {
  for (const { kind, text: string, start } of sqlTokens(text, { start: from, end: text.length })) {
    if (start >= to) return undefined;
    if (kind === 'string' && string.startsWith("'") && string.includes('\\')) return start;
  }
  return undefined;
}

/** A setting by which backslashes would escape, and the part of the file that it is meant for. */
interface Setting {
  readonly name: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

function settings(text: string, statements: readonly Span[]): readonly Setting[] {
  if (!/standard_conforming_strings|backslash_quote/i.test(text)) return [];
  const changes = statements.flatMap((span) => {
    const own = text.slice(span.start, span.end);
    if (!/standard_conforming_strings|backslash_quote|^reset\s+all$/i.test(own)) return [];
    const [first = '', ...words] = [...sqlTokens(text, span)].map((token) => identifier(token) ?? token.text);
    if (first === 'reset') return [{ ...span, name: words[0] ?? '', value: 'default' }];
    const found = first === 'set' ? setting(words) : configured(words);
    return found === undefined ? [] : [{ ...span, name: found[0], value: found[1] }];
  });
  return changes.flatMap(({ name, value, end }, at) => {
    if (name === 'all' || !escapes(name, value)) return [];
    const next = changes.slice(at + 1).find((later) => later.name === name || later.name === 'all');
    const shown = `SET ${name} = ${value.replaceAll("'", '')}`;
    return [{ name, text: shown, from: end, to: next?.start ?? text.length }];
  });
}

function escapes(name: string, value: string): boolean {
  return name === 'backslash_quote' ? !OFF.test(value) && value !== 'default' : OFF.test(value);
}

const NAMES = new Set(['standard_conforming_strings', 'backslash_quote']);

/** SET [SESSION | LOCAL] name = value, from behind SET on. */
function setting(words: readonly string[]): readonly [name: string, value: string] | undefined {
  const [name = '', equals = '', value = ''] = words[0] === 'session' || words[0] === 'local' ? words.slice(1) : words;
  return NAMES.has(name) && (equals === '=' || equals === 'to') ? [name, value] : undefined;
}

/** set_config('name', 'value', …) */
function configured(words: readonly string[]): readonly [name: string, value: string] | undefined {
  const at = words.indexOf('set_config');
  if (at < 0) return undefined;
  const [, name = '', , value = ''] = words.slice(at + 1);
  const unquoted = name.replaceAll("'", '').toLowerCase();
  return NAMES.has(unquoted) ? [unquoted, value] : undefined;
}
