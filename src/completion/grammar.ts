import type { Command, Option } from '../commands/command.ts';
import { optionsOf } from '../commands/options.ts';
import { DATABASES } from '../core/migration.ts';

/** What a shell can offer for a flag's value: words, or what it finds by itself. */
export type Value = readonly string[] | 'migration' | 'directory' | 'anything';

export interface Flag {
  readonly name: string;
  readonly summary: string;
  /** Undefined for a flag without one. */
  readonly value: Value | undefined;
}

interface Word {
  readonly name: string;
  readonly summary: string;
}

/**
 * A command in the scopes where its flags are the same. `places` are written `postgres:migrate`, `:migrate` for both
 * databases, `*:migrate` for every scope.
 */
interface Form {
  readonly command: string;
  readonly places: readonly string[];
  readonly flags: readonly Flag[];
}

/** What can stand on our command line. */
export interface Grammar {
  readonly scopes: readonly Word[];
  readonly commands: readonly Word[];
  readonly forms: readonly Form[];
  /** The flags behind which a value stands. */
  readonly takers: readonly string[];
  /** Their values, with patterns for `command flag` in the language of bash and zsh. */
  readonly values: readonly { readonly value: Value; readonly pattern: string }[];
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Commander's `--to <N>`: the placeholder says what a value is. */
const KINDS: Readonly<Record<string, Value>> = { N: 'migration', path: 'directory' };
const HELP: Flag = { name: '--help', summary: 'what the command does, and its flags', value: undefined };

export function grammarOf(commands: readonly Command[]): Grammar {
  const forms = commands.flatMap(formsOf);
  const valued = forms.flatMap(({ command, flags }) =>
    flags.flatMap(({ name, value }) => (value === undefined ? [] : [{ command, name, value }])),
  );
  const values = [...Map.groupBy(valued, ({ value }) => String(value)).values()].map((alike) => {
    const patterns = alike.map(({ command, name, value }) => {
      const everywhere = valued.every((other) => other.name !== name || String(other.value) === String(value));
      return `${everywhere ? '*' : command}' ${name}'`;
    });
    return { value: alike[0]?.value ?? 'anything', pattern: [...new Set(patterns)].join('|') };
  });
  return {
    scopes: DATABASES.map((name) => ({ name, summary: `only ${name}` })),
    commands,
    forms,
    takers: [...new Set(valued.map(({ name }) => name))],
    values,
  };
}

function formsOf(command: Command): readonly Form[] {
  const scoped = ['', ...DATABASES].map((scope) => {
    const databases = DATABASES.filter((database) => scope === '' || database === scope);
    return { place: `${scope}:${command.name}`, flags: optionsOf(command, databases).map(flagOf) };
  });
  return [...Map.groupBy(scoped, ({ flags }) => JSON.stringify(flags)).values()].map((alike) => ({
    command: command.name,
    places: alike.length === scoped.length ? [`*:${command.name}`] : alike.map(({ place }) => place),
    flags: [...(alike[0]?.flags ?? []), HELP],
  }));
}

function flagOf([flag, summary, words]: Option): Flag {
  const [name = '', placeholder] = flag.split(' ');
  const value = placeholder === undefined ? undefined : (words ?? KINDS[placeholder.slice(1, -1)] ?? 'anything');
  return { name, summary, value };
}

/** Text as one word of any of the three shells. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
