import { Command as Commander, CommanderError, type OutputConfiguration } from 'commander';
import type { Command, Input } from './commands/command.ts';
import { COMMANDS } from './commands/commands.ts';
import { optionsOf } from './commands/options.ts';
import type { Flags } from './config.ts';
import { DATABASES, type Database } from './core/migration.ts';
import { MigrateError } from './errors.ts';

/** What the command line asks for. */
export interface Invocation {
  readonly command: Command;
  readonly scope: readonly Database[];
  readonly input: Input;
  readonly flags: Flags;
  readonly json: boolean;
}

/** Text that was asked for instead of work: help, or the version. */
export interface Answer {
  readonly text: string;
}

const SUMMARY =
  "Brings LocalRAG's PostgreSQL and Neo4j to the schema that this version needs: every migration exactly once.";
const FOOTER = `
\`localrag-migrate postgres <command>\` and \`localrag-migrate neo4j <command>\` leave the other database out.
Settings come from flags, the environment (DATABASE_URL or POSTGRES_HOST …, NEO4J_URI …) and a file .env, in this order.`;

/**
 * argv without node and script → what to do. `version` is printed by --version.
 * @throws MigrateError `usage`.
 */
export function parseArguments(argv: readonly string[], version: string): Invocation | Answer {
  let found: Invocation | undefined;
  let printed = '';
  const write = {
    writeOut: (text: string) => {
      printed += text;
    },
    writeErr: () => {},
  };
  const program = new Commander('localrag-migrate')
    .description(SUMMARY)
    .version(version)
    .addHelpText('after', FOOTER)
    .exitOverride()
    .configureOutput(write);
  const scopes: readonly (readonly [Commander, readonly Database[]])[] = [
    [program, DATABASES],
    ...DATABASES.map(
      (database) => [program.command(database).description(`only ${database}: the same commands`), [database]] as const,
    ),
  ];
  const words = withDefaultCommand(argv);
  for (const [parent, scope] of scopes) {
    for (const command of COMMANDS) {
      const leaf = parent.command(command.name).description(command.summary);
      // To describe the flags of all takes longer than to read a history, and nobody asks for those of a command that is not named.
      if (!words.includes(command.name)) continue;
      if (command.argument !== undefined) leaf.argument(command.argument);
      for (const [flag, description] of optionsOf(command, scope)) leaf.option(flag, description);
      leaf.allowExcessArguments(false).action((...args: unknown[]) => {
        const options = leaf.opts<Record<string, string | boolean | undefined>>();
        found = {
          command: withoutDatabases(command, options),
          // migrate-manual speaks of one database at a time.
          scope: command.name === 'migrate-manual' ? scope.slice(0, 1) : scope,
          input: { scope, argument: command.argument === undefined ? undefined : String(args[0]), options },
          flags: options as Flags,
          json: options.json === true,
        };
      });
    }
    inherit(parent, write);
  }
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text: printed };
    // What stands behind the = of a flag that we do not know may be a password.
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\n/g, ' ')
      .replace(/(option '--?[\w-]+)=[^']*'/, "$1'");
    throw new MigrateError('usage', message, {
      hint: 'localrag-migrate --help lists the commands, localrag-migrate <command> --help its flags',
    });
  }
  return found ?? { text: printed || program.helpInformation() };
}

/** `localrag-migrate` and `localrag-migrate postgres`, with flags or without, mean migrate. */
function withDefaultCommand(argv: readonly string[]): string[] {
  const scoped = DATABASES.some((database) => database === argv[0]) ? 1 : 0;
  const next = argv[scoped];
  const given = next !== undefined && (!next.startsWith('-') || ['-h', '--help', '-V', '--version'].includes(next));
  return given ? [...argv] : [...argv.slice(0, scoped), 'migrate', ...argv.slice(scoped)];
}

/** With --offline a command is another one: it needs no database, and no setting of one. */
function withoutDatabases(command: Command, options: Input['options']): Command {
  const { offline } = command;
  return options.offline === true && offline !== undefined ? { ...command, privilege: 'files', run: offline } : command;
}

/** Commander hands exitOverride and output on only to commands made after them. */
function inherit(parent: Commander, write: OutputConfiguration): void {
  for (const command of [parent, ...parent.commands]) command.exitOverride().configureOutput(write);
}
