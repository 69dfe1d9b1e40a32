import type { Finding } from '../../src/analysis/lint/finding.ts';
import { lint } from '../../src/analysis/lint/lint.ts';
import type { Example } from '../../src/analysis/lint/rule.ts';
import type { Migration } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';

/** A migration from its text, which must be one that `validate` takes. */
export function migration(name: string, text: string): Migration {
  const { migration, problems } = parseMigration(name, Buffer.from(text));
  if (migration === undefined) throw new Error(`${problems.map(({ message }) => message).join('; ')}\n${text}`);
  return migration;
}

/** Migrations 001, 002, … */
export function sql(...texts: readonly string[]): readonly Migration[] {
  return texts.map((text, index) => migration(`00${index + 1}_a.sql`, text));
}

export function cypher(...texts: readonly string[]): readonly Migration[] {
  return texts.map((text, index) => migration(`00${index + 1}_a.cypher`, text));
}

/** What is found in the last file, where those before it are applied. */
export async function findingsOf(files: readonly Migration[]): Promise<readonly Finding[]> {
  return lint(files, new Set(files.slice(-1).map(({ name }) => name)));
}

/** The rules that find something there, besides the one that wants every file to have a rollback section. */
export async function rulesBroken(files: readonly Migration[]): Promise<readonly string[]> {
  const rules = (await findingsOf(files)).map(({ rule }) => rule);
  return [...new Set(rules)].filter((rule) => rule !== 'missing-rollback').sort();
}

export function filesOf({ before = [], text }: Example, language: 'sql' | 'cypher'): readonly Migration[] {
  return language === 'sql' ? sql(...before, text) : cypher(...before, text);
}
