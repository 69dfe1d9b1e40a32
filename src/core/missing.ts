import type { Problem } from '../errors.ts';
import type { Claim, History } from './history.ts';
import { type Migration, textOf } from './migration.ts';
import { identifier, readSql, sqlTokens } from './sql.ts';
import { bodyOf } from './sql-bodies.ts';

const SERVERS = { postgres: 'PostgreSQL', neo4j: 'Neo4j' } as const;

/** Names that a message lists of one file. */
const LISTED = 8;

/** What the history claims and the database lacks, as a problem; undefined if nothing is known to be missing. */
export function missingObjects({ database, missing = [] }: History, files: readonly Migration[]): Problem | undefined {
  const own = files.filter((file) => file.database === database);
  const certain = missing.filter((claim) => database === 'neo4j' || isCertain(claim, own));
  const makers = own.filter(({ name }) => certain.some(({ by }) => by === name));
  if (makers.length === 0) return undefined;
  const lists = makers.map(({ name }) => {
    const names = certain.flatMap((claim) => (claim.by === name ? claim.name : []));
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
    return `${names.slice(0, LISTED).join(', ')}${more} (of ${name})`;
  });
  const marks = makers.map(({ version }) => `repair --mark-applied ${version}`).join(', ');
  return {
    message: `${SERVERS[database]} lacks what its history says is applied: ${lists.join('; ')}`,
    hint: `localrag-migrate verify prints the statements that create it; to recreate a development schema: localrag-migrate ${database} repair --forget-all, then migrate; if it was dropped on purpose: localrag-migrate ${marks}`,
  };
}

/** Whether every run of the file creates the table, and no code of the files may remove it later. */
function isCertain({ name, by }: Claim, files: readonly Migration[]): boolean {
  return files.every((file) => {
    const statements = readSql(file.text).statements;
    const creates = file.name !== by || statements.some((span) => createdTable(textOf(file, span)) === name);
    return creates && !statements.some((span) => mayRemove(bodyOf(file.text, span)?.text, name));
  });
}

/** The table that a statement creates for good, as SQL writes its name; a partition may be detached and dropped at any time. */
function createdTable(statement: string): string | undefined {
  if (!/^create\b/i.test(statement)) return undefined;
  const tokens = [...sqlTokens(statement, { start: 0, end: statement.length })];
  const words = tokens.map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : text));
  let at = words[1] === 'UNLOGGED' ? 2 : 1;
  if (words[at] !== 'TABLE') return undefined;
  at += words[at + 1] === 'IF' ? 4 : 1;
  if (words[at + 1] === '.') at += 2;
  if (words[at + 1] === 'PARTITION') return undefined;
  const created = identifier(tokens[at]);
  if (created === undefined) return undefined;
  const token = tokens[at]?.text ?? '';
  return token.startsWith('"') ? quoted(created) : created;
}

/** With quotes only if the name needs them, as the catalog has it. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

const REMOVES = /\bDROP\s+(?:TABLE|SCHEMA|OWNED)\b|\bRENAME\s+TO\b|\bSET\s+SCHEMA\b/i;
const REMOVES_ANY = /\bEXECUTE\b|\bDROP\s+(?:SCHEMA|OWNED)\b/i;

/** Code runs under conditions, and at times, that the files do not say. */
function mayRemove(body: string | undefined, name: string): boolean {
  if (body === undefined || !REMOVES.test(body)) return false;
  return REMOVES_ANY.test(body) || body.toLowerCase().includes(name.replaceAll('"', '').toLowerCase());
}
