import { globSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli.ts';
import { COMMANDS } from '../../src/commands/commands.ts';
import { VARIABLES } from '../../src/config.ts';
import { DOCUMENTS, ROOT, read } from './documents.ts';
import { blocksOf, inlineCodeOf, proseOf } from './markdown.ts';

const README = read('README.md');
const MANUALS = DOCUMENTS.filter((path) => path === 'README.md' || /^docs\/[^/]+$/.test(path));

describe('commands', () => {
  test.each(COMMANDS.map(({ name }) => name))('%s is explained, not only listed', (name) => {
    const explained = README.replace(/<!-- generated:[\s\S]*?<!-- \/generated -->/g, '');
    expect(explained).toMatch(new RegExp(`(localrag-migrate [a-z0-9 ]*|\`)${name}\\b`));
  });

  /** Every call of the program in a document, as a shell would split it. */
  function callsIn(document: string): readonly string[] {
    const shell = blocksOf(document).filter(({ info }) => info === 'sh' || info === 'console');
    const code = [...shell.map(({ text }) => text), ...inlineCodeOf(document)].join('\n');
    const calls = [...code.matchAll(/^(?:\$ )?(?:for .* do )?(localrag-migrate(?: [^|;>#\n]*)?)/gm)];
    return calls.map(([, call = '']) => call.trim()).filter((call) => !/[…<[]/.test(call));
  }
  const parse = (call: string) => parseArguments(call.replaceAll('"', '').split(/ +/).slice(1), '0');

  test.each(MANUALS)('in %s are taken by the program', (path) => {
    for (const call of callsIn(read(path))) expect(() => parse(call), call).not.toThrow();
  });

  test('are found in documents, and wrong ones are told', () => {
    const calls = callsIn('`localrag-migrate statsu`\n```console\n$ localrag-migrate plan --too 4 | less\n```\n');
    expect(calls).toEqual(['localrag-migrate plan --too 4', 'localrag-migrate statsu']);
    for (const call of calls) expect(() => parse(call)).toThrow(/unknown/);
    expect(callsIn(README).length).toBeGreaterThan(30);
  });
});

describe('environment variables', () => {
  const variables = Object.values(VARIABLES).flat();

  test.each(variables.map(({ name }) => name))('%s is in the README', (name) => {
    expect(README).toContain(`\`${name}\``);
  });

  test.each(MANUALS)('that %s names are read by somebody', (path) => {
    const known = new Set([
      ...variables.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])),
      ...['NO_COLOR', 'NODE_DEBUG', 'NODE_EXTRA_CA_CERTS', 'XDG_CACHE_HOME'],
      ...[...read('Dockerfile').matchAll(/^ARG (\w+)/gm)].map(([, name = '']) => name),
      ...globSync('test/servers/*.ts', { cwd: ROOT }).flatMap((file) => settingsIn(read(file))),
    ]);
    const named = proseOf(read(path)).match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
    expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
  });

  /** `${options.settings}_POSTGRES_URL` is two of them. */
  function settingsIn(source: string): readonly string[] {
    const names = [...source.matchAll(/options\.settings\}(_[A-Z0-9_]+)/g)].map(([, name = '']) => name);
    return names.flatMap((name) => [`TEST${name}`, `DEMO${name}`]);
  }
});

describe('troubleshooting', () => {
  /** Said by a server, by a driver or by the system. */
  const NOT_OURS = [
    'extension "vector" is not available',
    'permission denied to create extension "vector"',
    'permission denied for schema',
    'must be owner of table',
    'connect ECONNREFUSED',
    'password authentication failed',
    'canceling statement due to lock timeout',
    'ConstraintCreationFailed',
  ];
  const source = globSync('src/**/*.ts', { cwd: ROOT }).map(read).join('\n');
  const rows = README.split('\n## Troubleshooting\n')[1]?.split('\n### ')[0]?.split('\n') ?? [];
  const messages = rows.flatMap((row) => inlineCodeOf(/^\| (`.*?) \|/.exec(row)?.[1] ?? ''));

  test.each(messages)('"%s" is what is really said', (message) => {
    if (NOT_OURS.includes(message)) return;
    for (const part of message.split('…')) expect(source).toContain(part.trim());
  });

  test('has the messages that people look for', () => {
    expect(messages.length).toBeGreaterThan(20);
    for (const message of NOT_OURS) expect(messages).toContain(message);
  });
});
