import type { Command } from '../commands/command.ts';
import type { Report } from '../commands/context.ts';
import { MigrateError } from '../errors.ts';
import { bash } from './bash.ts';
import { fish } from './fish.ts';
import { type Grammar, grammarOf, SHELLS, type Shell } from './grammar.ts';
import { zsh } from './zsh.ts';

// Scripts that know every word, and not a call of this program at each TAB: a shell has its answer in a millisecond, and
// nothing of this is on the way of a run.

const SCRIPTS: Readonly<Record<Shell, (grammar: Grammar, migrationsDir: string) => string>> = { bash, zsh, fish };

/**
 * What a shell has to read to complete our command line.
 * @param migrationsDir where it looks for the numbers of migrations while MIGRATIONS_DIR is not set
 * @throws MigrateError `usage` for a shell that is not known.
 */
export function completion(name: string, commands: readonly Command[], migrationsDir: string): Report {
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined)
    throw new MigrateError(
      'usage',
      `there is no completion for ${JSON.stringify(name)}, but for ${SHELLS.join(', ')}`,
      {
        hint: 'localrag-migrate completion bash',
      },
    );
  const script = SCRIPTS[shell](grammarOf(commands), migrationsDir);
  return { kind: 'ok', text: script.trimEnd().split('\n'), data: { shell, script } };
}
