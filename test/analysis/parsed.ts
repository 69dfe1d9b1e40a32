import type { Migration } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';
import type { Pending } from '../../src/core/plan.ts';

/** A migration that is pending from its beginning. */
export function pendingOf(name: string, text: string, from = 0): Pending {
  const { migration, problems } = parseMigration(name, Buffer.from(text));
  if (migration === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  return { migration, from };
}

export function textOf({ text }: Migration, { start, end }: { readonly start: number; readonly end: number }): string {
  return text.slice(start, end);
}
